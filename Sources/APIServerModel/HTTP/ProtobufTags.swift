/// The field numbers of the types that typed clients send as protocol buffers: `kubectl create`,
/// `kubectl auth` and `kubectl drain` do so since 1.32.
enum ProtobufTags {
    /// Numbers by type and field.
    static let table: [String: [Int: String]] = {
        var table: [String: [Int: String]] = [:]
        for line in notation.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let name = words.first else { continue }
            for word in words.dropFirst() {
                let sides = word.split(separator: "=")
                guard sides.count == 2, let number = Int(sides[1]) else { continue }
                table[String(name), default: [:]][number] = String(sides[0])
            }
        }
        return table
    }()

    private static let notation = """
        ObjectMeta name=1 generateName=2 namespace=3 uid=5 resourceVersion=6 generation=7
        ObjectMeta creationTimestamp=8 deletionTimestamp=9 deletionGracePeriodSeconds=10
        ObjectMeta labels=11 annotations=12 ownerReferences=13 finalizers=14
        OwnerReference kind=1 name=3 uid=4 apiVersion=5 controller=6 blockOwnerDeletion=7
        ObjectReference kind=1 namespace=2 name=3 uid=4 apiVersion=5 resourceVersion=6 fieldPath=7
        LocalObjectReference name=1
        LabelSelector matchLabels=1 matchExpressions=2
        LabelSelectorRequirement key=1 operator=2 values=3
        ConfigMap metadata=1 data=2 binaryData=3 immutable=4
        Secret metadata=1 data=2 type=3 stringData=4 immutable=5
        Namespace metadata=1 spec=2 status=3
        NamespaceSpec finalizers=1
        NamespaceStatus phase=1
        ServiceAccount metadata=1 secrets=2 imagePullSecrets=3 automountServiceAccountToken=4
        ResourceQuota metadata=1 spec=2 status=3
        ResourceQuotaSpec hard=1 scopes=2 scopeSelector=3
        ScopeSelector matchExpressions=1
        ScopedResourceSelectorRequirement scopeName=1 operator=2 values=3
        ResourceQuotaStatus hard=1 used=2
        Service metadata=1 spec=2 status=3
        ServiceSpec ports=1 selector=2 clusterIP=3 type=4 externalIPs=5 sessionAffinity=7
        ServiceSpec loadBalancerIP=8 loadBalancerSourceRanges=9 externalName=10
        ServiceSpec externalTrafficPolicy=11 healthCheckNodePort=12 publishNotReadyAddresses=13
        ServiceSpec ipFamilyPolicy=17 clusterIPs=18 ipFamilies=19
        ServiceSpec allocateLoadBalancerNodePorts=20 loadBalancerClass=21 internalTrafficPolicy=22
        ServiceStatus conditions=2
        ServicePort name=1 protocol=2 port=3 targetPort=4 nodePort=5 appProtocol=6
        Event metadata=1 involvedObject=2 reason=3 message=4 source=5 firstTimestamp=6
        Event lastTimestamp=7 count=8 type=9 eventTime=10 series=11 action=12 related=13
        Event reportingComponent=14 reportingInstance=15
        EventSource component=1 host=2
        EventSeries count=1 lastObservedTime=2
        Role metadata=1 rules=2
        ClusterRole metadata=1 rules=2
        PolicyRule verbs=1 apiGroups=2 resources=3 resourceNames=4 nonResourceURLs=5
        RoleBinding metadata=1 subjects=2 roleRef=3
        ClusterRoleBinding metadata=1 subjects=2 roleRef=3
        Subject kind=1 apiGroup=2 name=3 namespace=4
        RoleRef apiGroup=1 kind=2 name=3
        Lease metadata=1 spec=2
        LeaseSpec holderIdentity=1 leaseDurationSeconds=2 acquireTime=3 renewTime=4
        LeaseSpec leaseTransitions=5 strategy=6 preferredHolder=7
        PriorityClass metadata=1 value=2 globalDefault=3 description=4 preemptionPolicy=5
        PodDisruptionBudget metadata=1 spec=2
        PodDisruptionBudgetSpec minAvailable=1 selector=2 maxUnavailable=3
        PodDisruptionBudgetSpec unhealthyPodEvictionPolicy=4
        Binding metadata=1 target=2
        Eviction metadata=1 deleteOptions=2
        DeleteOptions gracePeriodSeconds=1 preconditions=2 orphanDependents=3 propagationPolicy=4
        DeleteOptions dryRun=5
        Preconditions uid=1 resourceVersion=2
        TokenRequest metadata=1 spec=2
        TokenRequestSpec audiences=1 boundObjectRef=3 expirationSeconds=4
        BoundObjectReference kind=1 apiVersion=2 name=3 uid=4
        TokenReview metadata=1 spec=2
        TokenReviewSpec token=1 audiences=2
        SubjectAccessReview metadata=1 spec=2
        LocalSubjectAccessReview metadata=1 spec=2
        SelfSubjectAccessReview metadata=1 spec=2
        SubjectAccessReviewSpec resourceAttributes=1 nonResourceAttributes=2 user=3 groups=4 uid=6
        ResourceAttributes namespace=1 verb=2 group=3 version=4 resource=5 subresource=6 name=7
        NonResourceAttributes path=1 verb=2
        SelfSubjectRulesReview metadata=1 spec=2
        SelfSubjectRulesReviewSpec namespace=1
        SelfSubjectReview metadata=1
        """
}
