public import KubernetesCore

extension BackgroundTaskSpec {
    /// The spec of a child of this task: what is done and how, without what concerns the whole:
    /// dependencies, cuts, the earliest start and how long the result is kept.
    public func childSpec(pool: PoolReference?, variables: [EnvironmentVariable]) -> JSONValue {
        let own = Set(variables.map(\.name))
        let environment = env.filter { !own.contains($0.name) } + variables
        var spec: JSONObject = [
            "type": .string(type), "priority": .int(priority),
            "timeoutSeconds": .int(timeoutSeconds), "retry": retry.json,
            "checkpoint": ["enabled": .bool(checkpoint.enabled)],
            "state": .string(state.rawValue),
        ]
        spec.put("poolRef", pool?.json)
        spec.put("poolSelector", poolSelector)
        spec.put("persona", persona)
        spec.put("command", command.map(JSONValue.string))
        spec.put("args", args.map(JSONValue.string))
        spec.put("env", environment.map(\.json))
        spec.put("input", input)
        if !resources.requests.isEmpty {
            spec["resources"] = ["requests": .strings(resources.requests)]
        }
        spec.put("estimatedDurationSeconds", estimatedDurationSeconds)
        spec.put("queueTimeoutSeconds", queueTimeoutSeconds)
        return .object(spec)
    }
}

extension BackgroundTaskSpec.EnvironmentVariable {
    fileprivate var json: JSONValue {
        switch source {
        case .value(let text): return ["name": .string(name), "value": .string(text)]
        case .secretKey(let key):
            return [
                "name": .string(name),
                "valueFrom": [
                    "secretKeyRef": [
                        "name": .string(key.name), "key": .string(key.key),
                        "optional": .bool(key.isOptional),
                    ]
                ],
            ]
        }
    }
}

extension BackgroundTaskSpec.Retry {
    fileprivate var json: JSONValue {
        var factor = JSONObject()
        factor.put("factor", backoff.factor)
        factor["initialSeconds"] = .int(backoff.initialSeconds)
        factor["maxSeconds"] = .int(backoff.maxSeconds)
        var result: JSONObject = ["maxRetries": .int(maxRetries), "backoff": .object(factor)]
        result.put("rules", rules.map(\.json))
        return .object(result)
    }
}

extension BackgroundTaskSpec.Rule {
    fileprivate var json: JSONValue {
        var result: JSONObject = ["action": .string(action.rawValue)]
        result.put("exitCodes", exitCodes.map { JSONValue.int($0) })
        result.put("classes", classes.map { .string($0.rawValue) })
        result.put("messagePattern", messagePattern)
        return .object(result)
    }
}
