extension APIRequest {
    /// Reads one object, or one of its subresources such as `status` or `scale`.
    public static func get(_ object: ObjectRef, subresource: String? = nil) -> APIRequest {
        APIRequest(
            .get, .get, path: path(object.type, object.namespace, object.name, subresource))
    }

    /// Reads the objects of one kind, or a page of them.
    public static func list(
        _ type: ResourceType, in selection: Selection = .everything,
        _ query: ListQuery = ListQuery()
    ) -> APIRequest {
        var parameters = selection.parameters
        if let limit = query.limit { parameters.append(Parameter("limit", String(max(0, limit)))) }
        if let token = query.continueToken, !token.isEmpty {
            parameters.append(Parameter("continue", token))
        } else if query.resourceVersion != .unknown {
            parameters.append(Parameter("resourceVersion", query.resourceVersion.text))
            if let match = query.match {
                parameters.append(Parameter("resourceVersionMatch", match.rawValue))
            }
        }
        return APIRequest(
            .list, .get, path: path(type, in: selection.namespace), parameters: parameters)
    }

    /// Follows the changes of one kind.
    public static func watch(
        _ type: ResourceType, in selection: Selection = .everything, _ query: WatchQuery
    ) -> APIRequest {
        var parameters = [Parameter("watch", "true")] + selection.parameters
        if query.bookmarks { parameters.append(Parameter("allowWatchBookmarks", "true")) }
        if query.sendInitialEvents {
            parameters.append(Parameter("sendInitialEvents", "true"))
            parameters.append(Parameter("resourceVersionMatch", "NotOlderThan"))
        }
        if query.resourceVersion != .unknown {
            parameters.append(Parameter("resourceVersion", query.resourceVersion.text))
        }
        if let seconds = query.timeoutSeconds {
            parameters.append(Parameter("timeoutSeconds", String(max(1, seconds))))
        }
        return APIRequest(
            .watch, .get, path: path(type, in: selection.namespace), parameters: parameters)
    }

    /// Reads the log of one container of a pod as a stream of bytes.
    /// - Parameters:
    ///   - container: the container; `nil` where the pod has only one.
    ///   - follow: whether the stream goes on with what is written from now on.
    ///   - previous: whether the container's last, ended run is meant.
    ///   - tailLines: how many of the last lines are wanted; `nil` for all.
    ///   - limitBytes: how many bytes are wanted at most; `nil` for all.
    public static func log(
        of pod: ObjectRef, container: String? = nil, follow: Bool = false, previous: Bool = false,
        tailLines: Int? = nil, limitBytes: Int? = nil, timestamps: Bool = false
    ) -> APIRequest {
        var parameters: [Parameter] = []
        if let container { parameters.append(Parameter("container", container)) }
        if follow { parameters.append(Parameter("follow", "true")) }
        if previous { parameters.append(Parameter("previous", "true")) }
        if let tailLines { parameters.append(Parameter("tailLines", String(max(0, tailLines)))) }
        if let limitBytes {
            parameters.append(Parameter("limitBytes", String(max(1, limitBytes))))
        }
        if timestamps { parameters.append(Parameter("timestamps", "true")) }
        return APIRequest(
            .get, .get, path: path(pod.type, pod.namespace, pod.name, "log"),
            parameters: parameters, accept: "*/*")
    }
}

extension Selection {
    /// The query parameters of the selectors.
    var parameters: [APIRequest.Parameter] {
        var result: [APIRequest.Parameter] = []
        if !labels.isEmpty { result.append(APIRequest.Parameter("labelSelector", labels)) }
        if !fields.isEmpty { result.append(APIRequest.Parameter("fieldSelector", fields)) }
        return result
    }
}
