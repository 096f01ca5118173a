import KubernetesCore

extension APIServer {
    /// What is wrong with a new object.
    func creationErrors(_ value: JSONValue, kind: String, _ call: APICall) -> [FieldError] {
        if let custom = call.version.custom {
            return CustomValidation(definition: call.definition, custom: custom)
                .creationErrors(value, kind: kind, metadata: metadataErrors(value, call))
        }
        return metadataErrors(value, call) + kindErrors(value, old: nil, call)
    }

    /// What is wrong with a new version of an object. Faults of metadata are listed as often as the
    /// API server lists them: once for all kinds and once for the kind.
    func updateErrors(
        _ value: JSONValue, old: JSONValue, kind: String, _ part: ObjectPart, _ call: APICall
    ) -> [FieldError] {
        let metadata = value["metadata"] ?? [:]
        let changes = NameRules.objectMetaUpdateErrors(metadata, old: old["metadata"] ?? [:])
        let common =
            NameRules.objectMetaErrors(
                metadata, isNamespaced: call.definition.isNamespaced, nameRule: .pathSegment)
            + changes
        if let custom = call.version.custom {
            return common
                + CustomValidation(definition: call.definition, custom: custom)
                .updateErrors(value, old: old, kind: kind, metadata: changes)
        }
        switch part {
        case .main: break
        case .status: return common + changes
        case .ephemeralContainers:
            return common + changes + PodUpdateValidation.ephemeralErrors(value, old: old)
        case .resize:
            return common + changes + PodUpdateValidation.resizeErrors(value, old: old)
        }
        return common + changes + metadataErrors(value, call)
            + kindErrors(value, old: old, call)
    }

    private func metadataErrors(_ value: JSONValue, _ call: APICall) -> [FieldError] {
        let traits = call.definition.traits
        let rule: NameRules.Rule =
            traits.contains(.pathNames)
            ? .pathSegment
            : call.definition.storage == .services
                ? .dns1035Label : traits.contains(.labelNames) ? .dnsLabel : .dnsSubdomain
        return NameRules.objectMetaErrors(
            value["metadata"] ?? [:], isNamespaced: call.definition.isNamespaced, nameRule: rule)
    }

    /// The rules of built-in kinds.
    private func kindErrors(
        _ value: JSONValue, old: JSONValue?, _ call: APICall
    ) -> [FieldError] {
        switch call.definition.storage {
        case .pods:
            if let old { return PodUpdateValidation.errors(value, old: old) }
            return PodValidation.errors(value)
        case .configMaps: return DataValidation.configMapErrors(value, old: old)
        case .secrets: return DataValidation.secretErrors(value, old: old)
        case .events: return EventValidation.errors(value, old: old, call)
        case .definitions: return DefinitionValidation.errors(value, old: old)
        case .networkPolicies:
            return NetworkPolicyValidation.errors(value)
        case .disruptionBudgets: return KindValidation.budgetErrors(value)
        case .priorityClasses: return KindValidation.priorityErrors(value, old: old)
        case .resourceQuotas: return QuotaValidation.errors(value, old: old)
        case .roles: return KindValidation.roleErrors(value, isNamespaced: true)
        case .clusterRoles: return KindValidation.roleErrors(value, isNamespaced: false)
        case .roleBindings:
            return KindValidation.bindingErrors(value, old: old, isNamespaced: true)
        case .clusterRoleBindings:
            return KindValidation.bindingErrors(value, old: old, isNamespaced: false)
        case .deployments: return WorkloadValidation.deploymentErrors(value, old: old)
        case .replicaSets: return WorkloadValidation.replicaSetErrors(value, old: old)
        case .services: return ServiceValidation.errors(value, old: old)
        case GroupResource(group: "coordination.k8s.io", resource: "leases"):
            return KindValidation.leaseErrors(value)
        case GroupResource(group: "node.k8s.io", resource: "runtimeclasses"):
            return KindValidation.runtimeClassErrors(value, old: old)
        case .limitRanges: return LimitRangeValidation.errors(value)
        default: return []
        }
    }
}
