import KubernetesCore

/// What a cluster's refusals mean for whoever typed a command.
enum ClusterAnswer {
    /// The error in words for people: without paths and codes where a sentence says it all.
    static func failure(_ error: APIError) -> CommandFailure {
        CommandFailure(text(error))
    }

    static func text(_ error: APIError) -> String {
        let said = error.status?.message ?? ""
        switch error.code {
        case .notFound:
            let place = Place(error.request.path)
            guard let place, place.group == "swiftlet.dev" else { return error.description }
            guard !said.hasPrefix("the server could not find"), let name = place.name else {
                return "The cluster does not know \(place.plural).\(place.group): is Swiftlet "
                    + "installed there? See docs/how-to/install.md."
            }
            let kind = place.plural == "backgroundtasks" ? "task" : "pool"
            return "There is no \(kind) \(name) in namespace \(place.namespace)."
        case .unauthorized:
            return "The cluster does not know who you are: the credentials in the kubeconfig are "
                + "missing, wrong or have ended."
        case .forbidden, .invalid, .alreadyExists, .conflict:
            return said.isEmpty ? error.description : said
        // Which list it was that found nobody does not matter to anybody.
        case .unreachable: return error.cause?.message ?? error.description
        default: return error.description
        }
    }

    /// Where an object of a group is, read from the path of a request.
    private struct Place {
        var group: String
        var namespace = ""
        var plural: String
        var name: String?

        init?(_ path: String) {
            var parts = path.split(separator: "/").map(String.init)[...]
            guard parts.popFirst() == "apis", let group = parts.popFirst(),
                parts.popFirst() != nil
            else { return nil }
            self.group = group
            if parts.first == "namespaces", parts.count > 2 {
                namespace = parts.dropFirst().first ?? ""
                parts = parts.dropFirst(2)
            }
            guard let plural = parts.popFirst() else { return nil }
            self.plural = plural
            name = parts.first
        }
    }
}
