import KubernetesClient
import KubernetesCore

/// What the fake server does with objects.
extension FakeServer {
    static func error(_ request: APIRequest, _ code: Int, _ reason: String) -> APIError {
        APIError(request.summary, APIStatus(code: code, reason: reason, message: reason))
    }

    static func read<Object: KubeObject>(
        _ value: JSONValue, _ request: APIRequest
    ) throws(APIError) -> Object {
        do throws(JSONError) {
            return try Object(reading: JSONDocument(parsing: value.encoded()).root)
        } catch {
            throw APIError(request.summary, undecodable: error)
        }
    }

    static func isOf(_ type: ResourceType, _ path: String) -> Bool {
        path.hasPrefix(type.groupPath + "/")
            && path.split(separator: "/").dropLast().last.map(String.init) == type.plural
    }

    static func all(_ type: ResourceType, _ state: State) -> [JSONValue] {
        state.objects.filter { isOf(type, $0.key) }.sorted { $0.key < $1.key }.map(\.value)
    }

    static func event<Object: KubeObject>(
        _ event: Event, _ request: APIRequest
    ) throws(APIError) -> WatchEvent<Object> {
        let object: Object = try read(event.object, request)
        return switch event.word {
        case "ADDED": .added(object)
        case "DELETED": .deleted(object)
        default: .modified(object)
        }
    }

    static func store(_ object: JSONValue, _ path: String, _ state: inout State) -> JSONValue {
        state.version += 1
        var object = object
        let isNew = state.objects[path] == nil
        object[path: ["metadata", "resourceVersion"]] = .string(String(state.version))
        if object[path: ["metadata", "uid"]] == nil {
            object[path: ["metadata", "uid"]] = .string("uid-\(state.version)")
        }
        state.objects[path] = object
        state.history.append(
            Event(
                version: state.version, path: path, word: isNew ? "ADDED" : "MODIFIED",
                object: object))
        return object
    }

    static func drop(_ path: String, _ state: inout State) {
        guard var object = state.objects.removeValue(forKey: path) else { return }
        state.version += 1
        object[path: ["metadata", "resourceVersion"]] = .string(String(state.version))
        state.history.append(
            Event(version: state.version, path: path, word: "DELETED", object: object))
    }

    static func carryOut(
        _ request: APIRequest, _ state: inout State
    ) -> Result<JSONValue, APIStatus> {
        func refuse(_ code: Int, _ reason: String) -> Result<JSONValue, APIStatus> {
            .failure(APIStatus(code: code, reason: reason, message: reason))
        }
        let body = request.body ?? [:]
        switch request.verb {
        case .create:
            let path = request.path + "/" + (body[path: ["metadata", "name"]]?.string ?? "")
            guard state.objects[path] == nil else { return refuse(409, "AlreadyExists") }
            return .success(store(body, path, &state))
        case .patch:
            let path = request.path.replacing("/status", with: "")
            guard let old = state.objects[path] else { return refuse(404, "NotFound") }
            for field in ["uid", "resourceVersion"] {
                if let wanted = body[path: ["metadata", field]],
                    wanted != old[path: ["metadata", field]]
                {
                    return refuse(409, "Conflict")
                }
            }
            var patch = body
            patch["metadata"] = nil
            return .success(store(merge(patch, into: old), path, &state))
        case .delete:
            guard let old = state.objects[request.path] else { return refuse(404, "NotFound") }
            if let uid = body[path: ["preconditions", "uid"]],
                uid != old[path: ["metadata", "uid"]]
            {
                return refuse(409, "Conflict")
            }
            drop(request.path, &state)
            return .success(["metadata": ["uid": old[path: ["metadata", "uid"]] ?? ""]])
        default: return refuse(405, "MethodNotAllowed")
        }
    }

    static func merge(_ patch: JSONValue, into target: JSONValue) -> JSONValue {
        guard case .object(let members) = patch else { return patch }
        var result = target.object == nil ? JSONValue.object([:]) : target
        for (key, value) in members {
            if value.isNull {
                result[key] = Optional<JSONValue>.none
            } else {
                result[key] = merge(value, into: result[key] ?? .null)
            }
        }
        return result
    }
}
