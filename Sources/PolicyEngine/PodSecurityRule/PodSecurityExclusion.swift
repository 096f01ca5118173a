public import KubernetesCore
import PodSecurity

/// What a podSecurity rule, or an exception from one, does not hold against a pod.
public struct PodSecurityExclusion: Sendable {
    private let control: PodSecurityControl
    private let images: [Wildcard]
    private let field: String?
    private let values: [Wildcard]

    /// Reads one entry of `exclude`, which stands at `path` of the policy: a control by its name,
    /// for container controls the images, and optionally one field and its values.
    public init(reading value: JSONValue, at path: String) throws(PodSecurityRuleProblem) {
        func problem(_ name: String, _ reason: String) -> PodSecurityRuleProblem {
            PodSecurityRuleProblem(path: name.isEmpty ? path : path + "." + name, reason: reason)
        }
        guard let members = value.object else { throw problem("", "must be an object") }
        let known = ["controlName", "images", "restrictedField", "values"]
        if let unknown = members.keys.first(where: { !known.contains($0) }) {
            throw problem(unknown, "unknown field")
        }
        func texts(_ name: String) throws(PodSecurityRuleProblem) -> [String] {
            guard let given = members[name], !given.isNull else { return [] }
            let texts = given.array?.compactMap(\.string)
            guard let texts, texts.count == given.array?.count else {
                throw problem(name, "must be a list of texts")
            }
            return texts
        }
        let name = members["controlName"]?.string ?? ""
        guard let control = PodSecurityControl(rawValue: name) else {
            let names = PodSecurityControl.allCases.map { "\"\($0.rawValue)\"" }
            throw problem(
                "controlName",
                "\"\(name)\" is no control; there are \(names.joined(separator: ", "))")
        }
        let images = try texts("images")
        if control.scope == .containers, images.isEmpty {
            throw problem(
                "controlName", "exclude.images must be specified for the container level control")
        }
        if control.scope == .pod, !images.isEmpty {
            throw problem(
                "controlName", "exclude.images must not be specified for the pod level control")
        }
        let field = members["restrictedField"]?.string ?? ""
        let values = try texts("values")
        if !field.isEmpty, values.isEmpty { throw problem("values", "values is required") }
        if field.isEmpty, !values.isEmpty {
            throw problem("restrictedField", "restrictedField is required")
        }
        self.control = control
        self.images = images.map(Wildcard.init)
        self.field = field.isEmpty ? nil : field
        self.values = values.map(Wildcard.init)
    }

    /// Reads a list of exclusions that stands at `path` of the policy.
    public static func list(
        reading value: JSONValue?, at path: String
    ) throws(PodSecurityRuleProblem) -> [PodSecurityExclusion] {
        guard let value, !value.isNull else { return [] }
        guard let entries = value.array else {
            throw PodSecurityRuleProblem(path: path, reason: "must be a list")
        }
        var exclusions: [PodSecurityExclusion] = []
        for (index, entry) in entries.enumerated() {
            exclusions.append(try PodSecurityExclusion(reading: entry, at: "\(path)[\(index)]"))
        }
        return exclusions
    }
}

extension PodSecurityExclusion {
    /// The violations that are left when this is excluded.
    ///
    /// `judge` says what a pod breaks. It is asked about a pod of only what can be excluded: the
    /// containers whose images match and nothing of the pod, or the pod without its containers.
    /// Each field at fault there takes one of the same place off the violations.
    func apply(
        to violations: [PodSecurityViolation], of pod: PodSecurityTarget,
        _ judge: (PodSecuritySubject) -> [PodSecurityViolation]
    ) -> [PodSecurityViolation] {
        let part = images.isEmpty ? pod.withoutContainers : pod.withContainers(of: images)
        var left = violations
        for excused in judge(part.subject) where control.ids.contains(excused.id) {
            for fault in excused.fields where isExcused(fault) {
                guard let index = left.firstIndex(where: { $0.id == excused.id }) else { continue }
                remove(part.place(of: fault.path), from: &left[index], of: pod)
                if left[index].fields.isEmpty { left.remove(at: index) }
            }
        }
        return left
    }

    private func remove(
        _ place: PodSecurityPlace, from violation: inout PodSecurityViolation,
        of pod: PodSecurityTarget
    ) {
        let match = violation.fields.firstIndex { fault in
            let other = pod.place(of: fault.path)
            guard place.field == other.field else { return false }
            return images.isEmpty || place.container == other.container
        }
        guard let match else { return }
        // As in Kyverno, the last one takes the place of the one that is taken out.
        violation.fields.swapAt(match, violation.fields.count - 1)
        violation.fields.removeLast()
    }

    private func isExcused(_ fault: FieldError) -> Bool {
        if let field, PodSecurityPlace.generic(fault.path) != field { return false }
        return values.isEmpty
            || PodSecurityExclusion.texts(fault.badValue).allSatisfy { text in
                values.contains { $0.matches(text) }
            }
    }

    /// The bad values of a field as they are compared with the excluded ones; none where the field
    /// is at fault by not being there.
    private static func texts(_ value: JSONValue?) -> [String] {
        switch value {
        case nil, .null, .string(""): []
        case .array(let elements): elements.map { GoFormat.plain($0) }
        case .some(let value): [GoFormat.plain(value)]
        }
    }
}
