import KubernetesCore
import PodSecurity

/// The place of a field without its indices, and the name of the container that it is in.
struct PodSecurityPlace: Hashable {
    let field: String
    let container: String?

    /// A path with each run of digits as `*`: `spec.containers[*].ports[*].hostPort`.
    static func generic(_ path: String) -> String {
        var result = ""
        var isNumber = false
        for character in path {
            let isDigit = character.isASCII && character.isNumber
            if isDigit, !isNumber { result += "*" }
            if !isDigit { result.append(character) }
            isNumber = isDigit
        }
        return result
    }
}

/// A pod of which parts can be looked at by themselves.
struct PodSecurityTarget {
    private static let lists = ["initContainers", "containers", "ephemeralContainers"]

    let metadata: JSONValue
    let spec: JSONValue

    var subject: PodSecuritySubject { PodSecuritySubject(metadata: metadata, spec: spec) }

    /// The pod with one empty container in place of its own.
    var withoutContainers: PodSecurityTarget {
        var bare = spec
        for list in PodSecurityTarget.lists { bare[list] = nil }
        bare["containers"] = [["name": "fake"]]
        return PodSecurityTarget(metadata: metadata, spec: bare)
    }

    /// A pod of only the containers with these images.
    func withContainers(of images: [Wildcard]) -> PodSecurityTarget {
        var part: JSONValue = [:]
        for list in PodSecurityTarget.lists {
            let matching = (spec[list]?.array ?? []).filter { container in
                let image = container["image"]?.string ?? ""
                return images.contains { $0.matches(image) }
            }
            if !matching.isEmpty { part[list] = .array(matching) }
        }
        return PodSecurityTarget(metadata: [:], spec: part)
    }

    /// The place of a path of this pod.
    func place(of path: String) -> PodSecurityPlace {
        PodSecurityPlace(field: PodSecurityPlace.generic(path), container: container(in: path))
    }

    private func container(in path: String) -> String? {
        for list in PodSecurityTarget.lists {
            let prefix = "spec.\(list)["
            guard path.hasPrefix(prefix) else { continue }
            let digits = path.dropFirst(prefix.count).prefix { $0 != "]" }
            guard let index = Int(digits) else { return nil }
            return spec[list]?[index]?["name"]?.string ?? ""
        }
        return nil
    }
}
