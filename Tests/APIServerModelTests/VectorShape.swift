import KubernetesCore

/// Brings bodies into the form in which vectors are compared.
enum VectorShape {
    static func shape(_ step: JSONValue, _ given: JSONValue) -> JSONValue {
        var body = given
        if let wanted = step["pickNames"]?.string, body.object != nil {
            let found = (body["resources"]?.array ?? []).filter {
                $0["name"]?.string?.split(separator: "/").first.map(String.init) == wanted
            }.sorted { ($0["name"]?.string ?? "") < ($1["name"]?.string ?? "") }
            body["resources"] = .array(
                found.map { resource in
                    var sorted = resource
                    let verbs = (resource["verbs"]?.array ?? []).compactMap(\.string).sorted()
                    sorted["verbs"] = .strings(verbs)
                    return sorted
                })
        }
        body = normalised(body, keepsManaged: step["managedFields"]?.bool ?? false)
        if let only = step["only"]?.array {
            return .object(
                JSONObject(
                    only.compactMap(\.string).map { ($0, pick(body, parts($0)[...])) }))
        }
        for path in step["ignore"]?.array ?? [] {
            body = removing(body, parts(path.string ?? "")[...])
        }
        return body
    }

    private static func parts(_ path: String) -> [String] {
        path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    static func normalised(_ value: JSONValue, keepsManaged: Bool) -> JSONValue {
        switch value {
        case .object(let members):
            var result: [(String, JSONValue)] = []
            for (key, member) in members {
                if key == "managedFields", !keepsManaged { continue }
                result.append((key, placeholder(key, member, members, keepsManaged)))
            }
            return .object(JSONObject(result))
        case .array(let elements):
            return .array(elements.map { normalised($0, keepsManaged: keepsManaged) })
        case .string(let text):
            if isTime(text) { return "<time>" }
            return .string(replaceUIDs(text))
        default: return value
        }
    }

    private static func placeholder(
        _ key: String, _ member: JSONValue, _ members: JSONObject, _ keepsManaged: Bool
    ) -> JSONValue {
        if key == "resourceVersion", let text = member.string {
            return text.isEmpty || text == "0" ? member : "<rv>"
        }
        if key == "remainingItemCount" || key == "continue" {
            let isEmpty = member == "" || member == 0 || member.isNull
            return isEmpty ? member : "<set>"
        }
        if key == "name", let text = member.string,
            let prefix = members["generateName"]?.string, text.hasPrefix(prefix)
        {
            return .string(prefix + "<suffix>")
        }
        return normalised(member, keepsManaged: keepsManaged)
    }

    private static func isTime(_ text: String) -> Bool {
        let form = Array("dddd-dd-ddTdd:dd:dd".utf8)
        let bytes = Array(text.utf8)
        guard bytes.count > form.count, bytes.last == UInt8(ascii: "Z") else { return false }
        for (index, wanted) in form.enumerated() {
            let isDigit = (0x30...0x39).contains(bytes[index])
            guard wanted == UInt8(ascii: "d") ? isDigit : bytes[index] == wanted else {
                return false
            }
        }
        let rest = bytes[form.count..<bytes.count - 1]
        if rest.isEmpty { return true }
        return rest.first == UInt8(ascii: ".") && rest.count > 1
            && rest.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    }

    /// Every identifier inside `text` as a placeholder.
    private static func replaceUIDs(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var at = 0
        while at < bytes.count {
            if isUID(bytes[at...].prefix(36)) {
                result += Array("<uid>".utf8)
                at += 36
            } else {
                result.append(bytes[at])
                at += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func isUID(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count == 36 else { return false }
        return bytes.enumerated().allSatisfy { index, byte in
            [8, 13, 18, 23].contains(index)
                ? byte == UInt8(ascii: "-")
                : (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
        }
    }

    private static func pick(_ value: JSONValue, _ parts: ArraySlice<String>) -> JSONValue {
        guard let head = parts.first else { return value }
        let rest = parts.dropFirst()
        if head == "*" {
            if let elements = value.array { return .array(elements.map { pick($0, rest) }) }
            return .object(
                JSONObject((value.object ?? [:]).map { ($0, pick($1, rest)) }))
        }
        if value.array != nil {
            return Int(head).flatMap { value[$0] }.map { pick($0, rest) } ?? .null
        }
        return value[head].map { pick($0, rest) } ?? .null
    }

    /// Takes out what a path names; elements of lists themselves are never taken out.
    private static func removing(_ value: JSONValue, _ parts: ArraySlice<String>) -> JSONValue {
        guard let head = parts.first else { return value }
        let rest = parts.dropFirst()
        switch value {
        case .array(let elements):
            guard !rest.isEmpty else { return value }
            return .array(
                elements.enumerated().map { index, element in
                    head == "*" || head == String(index) ? removing(element, rest) : element
                })
        case .object(var members):
            for key in members.keys where head == "*" || head == key {
                members[key] = rest.isEmpty ? nil : members[key].map { removing($0, rest) }
            }
            return .object(members)
        default: return value
        }
    }

    static func sorted(_ value: JSONValue, _ paths: [String]) -> JSONValue {
        var result = value
        for path in paths {
            let names = parts(path)
            guard let elements = result[path: names]?.array else { continue }
            result[path: names] = .array(elements.sorted { $0.text < $1.text })
        }
        return result
    }

    static func dig(_ value: JSONValue?, _ path: String) -> JSONValue? {
        var current = value
        for part in parts(path) {
            current = Int(part).flatMap { current?[$0] } ?? current?[part]
        }
        return current
    }

    static func replace(_ text: String, with other: String, in whole: String) -> String {
        guard !text.isEmpty else { return whole }
        var result = ""
        var rest = whole[...]
        while let first = rest.first {
            if rest.hasPrefix(text) {
                result += other
                rest = rest.dropFirst(text.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    /// The first difference, in words; nil where there is none.
    static func difference(
        _ want: JSONValue, _ got: JSONValue, at path: String = "body"
    ) -> String? {
        switch (want, got) {
        case (.object(let wanted), .object(let found)):
            for (key, value) in wanted {
                guard let other = found[key] else {
                    return "\(path).\(key): missing (want \(value.text.prefix(200)))"
                }
                if let fault = difference(value, other, at: "\(path).\(key)") { return fault }
            }
            for (key, value) in found where wanted[key] == nil {
                return "\(path).\(key): not expected (\(value.text.prefix(200)))"
            }
            return nil
        case (.array(let wanted), .array(let found)):
            guard wanted.count == found.count else {
                return "\(path): want \(wanted.count) items got \(found.count): "
                    + got.text.prefix(400)
            }
            for (index, pair) in zip(wanted, found).enumerated() {
                if let fault = difference(pair.0, pair.1, at: "\(path).\(index)") { return fault }
            }
            return nil
        default:
            return want == got ? nil : "\(path): want \(want.text) got \(got.text.prefix(400))"
        }
    }
}
