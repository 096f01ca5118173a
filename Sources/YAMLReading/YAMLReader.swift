import KubernetesCore
import Yams

/// Turns the nodes that Yams composes into JSON values, by rules of our own.
struct YAMLReader {
    private let limits: YAMLText.Limits
    private let rules: YAMLText.Rules
    private var values = 0

    init(limits: YAMLText.Limits, rules: YAMLText.Rules) {
        self.limits = limits
        self.rules = rules
    }

    /// Reads every document that has a value.
    mutating func read(_ text: String) throws(YAMLError) -> [JSONValue] {
        var documents: [JSONValue] = []
        let parser: Parser
        do {
            parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
        } catch {
            throw YAMLReader.describe(error)
        }
        while let node = try YAMLReader.next(parser) {
            let value = try value(of: node, depth: 0)
            if !value.isNull { documents.append(value) }
        }
        return documents
    }

    private static func next(_ parser: Parser) throws(YAMLError) -> Node? {
        do {
            return try parser.nextRoot()
        } catch {
            throw describe(error)
        }
    }

    private mutating func value(of node: Node, depth: Int) throws(YAMLError) -> JSONValue {
        values += 1
        guard values <= limits.valuesMax else {
            throw fault(node, "more than \(limits.valuesMax) values, aliases included")
        }
        guard depth <= limits.depthMax else {
            throw fault(node, "more than \(limits.depthMax) values inside each other")
        }
        switch node {
        case .scalar(let scalar): return try value(of: scalar, in: node)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            elements.reserveCapacity(sequence.count)
            for element in sequence { elements.append(try value(of: element, depth: depth + 1)) }
            return .array(elements)
        case .mapping(let mapping): return try value(of: mapping, depth: depth)
        case .alias: throw fault(node, "an alias that stands for nothing")
        }
    }

    private mutating func value(
        of mapping: Node.Mapping, depth: Int
    ) throws(YAMLError) -> JSONValue {
        var members: [(String, JSONValue)] = []
        var merged: [(String, JSONValue)] = []
        var seen: Set<String> = []
        for (keyNode, valueNode) in mapping {
            guard case .scalar(let key) = keyNode else {
                throw fault(keyNode, "a key must be a string")
            }
            let value = try value(of: valueNode, depth: depth + 1)
            if key.string == "<<", key.style == .plain {
                merged += try mergedMembers(value, at: valueNode)
                continue
            }
            let name = name(of: key)
            guard seen.insert(name).inserted else {
                throw fault(keyNode, "the key \"\(name.prefix(100))\" is given twice")
            }
            members.append((name, value))
        }
        // What a mapping says itself goes before what it merges in; of several the first one
        // counts.
        for (key, value) in merged where seen.insert(key).inserted { members.append((key, value)) }
        return .object(JSONObject(members))
    }

    /// The name that a key stands for: a truth value's own where the rules make it one.
    private func name(of key: Node.Scalar) -> String {
        guard rules == .kubernetes, key.style == .plain || key.style == .any,
            let flag = YAMLScalar.value(key.string, rules)?.bool
        else { return key.string }
        return flag ? "true" : "false"
    }

    private func mergedMembers(
        _ value: JSONValue, at node: Node
    ) throws(YAMLError) -> [(String, JSONValue)] {
        var members: [(String, JSONValue)] = []
        for source in value.array ?? [value] {
            guard let object = source.object else {
                throw fault(node, "<< merges mappings, not a \(source.typeName)")
            }
            for (key, value) in object { members.append((key, value)) }
        }
        return members
    }

    private func value(
        of scalar: Node.Scalar, in node: Node
    ) throws(YAMLError) -> JSONValue {
        let text = scalar.string
        let tag = scalar.tag.description
        switch tag {
        case "": break
        case "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:binary": return .string(text)
        case "tag:yaml.org,2002:null", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int",
            "tag:yaml.org,2002:float":
            guard let value = YAMLScalar.value(text, rules), value.string == nil else {
                throw fault(node, "\"\(text.prefix(100))\" is no \(tag.dropFirst(18))")
            }
            return value
        default: throw fault(node, "the tag \(tag.prefix(100)) has no meaning here")
        }
        guard scalar.style == .plain || scalar.style == .any else { return .string(text) }
        guard let value = YAMLScalar.value(text, rules) else {
            throw fault(node, "\(text) cannot be written as JSON")
        }
        return value
    }

    private func fault(_ node: Node, _ message: String) -> YAMLError {
        YAMLError(line: node.mark?.line ?? 0, column: node.mark?.column ?? 0, message)
    }

    private static func describe(_ error: any Error) -> YAMLError {
        guard let error = error as? YamlError else { return YAMLError("\(error)") }
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let place = context.map { " (\($0.text.prefix(200)))" } ?? ""
            return YAMLError(line: mark.line, column: mark.column, problem + place)
        case .reader(let problem, let offset, _, _):
            return YAMLError("\(problem) at byte \(offset ?? 0)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let key = duplicates.first ?? ""
            return YAMLError(
                line: context.mark.line, column: context.mark.column,
                "the key \"\(key.prefix(100))\" is given twice")
        default: return YAMLError("the text is no YAML")
        }
    }
}
