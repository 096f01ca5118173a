import KubernetesCore

/// A node of a schema that has rules, or below which there are rules.
final class RuleNode: Sendable {
    let schema: StructuralSchema
    let type: SchemaType?
    let rules: [CompiledRule]
    let allOf: [RuleNode]
    let items: RuleNode?
    let additional: RuleNode?
    let properties: [(name: String, node: RuleNode)]

    init(
        schema: StructuralSchema, type: SchemaType?, rules: [CompiledRule], allOf: [RuleNode],
        items: RuleNode?, additional: RuleNode?, properties: [(name: String, node: RuleNode)]
    ) {
        self.schema = schema
        self.type = type
        self.rules = rules
        self.allOf = allOf
        self.items = items
        self.additional = additional
        self.properties = properties
    }

    /// The type as messages about failed evaluations show it.
    var typeName: String { schema.isIntOrString ? "" : schema.type?.rawValue ?? "" }
}

/// One rule with its programs.
struct CompiledRule: Sendable {
    let rule: ValidationRule
    let program: Result<CELProgram, CELError>
    let message: CELProgram?
    let usesOldSelf: Bool
    /// What the message expression can refer to.
    let messageEnvironment: CELEnvironment
    /// What is appended to the path of the value.
    let pathSuffix: String
}

/// A fault of a rule, found when the CRD is written.
struct RuleFault: Sendable {
    var kind: FieldError.Kind
    /// Below the schema's root.
    var path: String
    var badValue: JSONValue?
    var detail: String
    /// A place below the schema's root that ends the message.
    var within: String?
}

/// Compiles the rules of a schema.
struct RuleCompiler {
    var faults: [RuleFault] = []
    var estimates = Estimates()

    /// Where a node stands, and what follows from what stands above it.
    struct Place {
        /// Below the schema's root.
        var path = ""
        /// The list above whose elements cannot be found in an old object.
        var uncorrelated: String?
        /// How often the node's value can occur; `nil` where nothing bounds it.
        var cardinality: UInt64? = 1

        /// A place below; `count` is how many there can be of it, `nil` for any number.
        func below(_ part: String, count: Int? = 1) -> Place {
            var result = self
            result.path += part
            result.cardinality = nil
            if let cardinality, let count {
                let (product, overflow) = cardinality.multipliedReportingOverflow(
                    by: UInt64(max(count, 0)))
                result.cardinality = overflow ? .max : product
            }
            return result
        }
    }

    /// The node of `schema`, whose values have `type`; `nil` where there are no rules.
    mutating func node(
        _ schema: StructuralSchema, _ type: SchemaType?, _ place: Place
    ) -> RuleNode? {
        let rules = compile(schema, type, place)
        var allOf: [RuleNode] = []
        for (index, part) in schema.allOf.enumerated() {
            let typed = Self.typed(part, like: schema)
            if let node = node(typed, type, place.below(".allOf[\(index)]")) {
                allOf.append(node)
            }
        }
        var items: RuleNode?
        if let schemaOfItems = schema.items {
            var below = place.below(".items", count: schema.maxItems)
            if schema.listType != .map { below.uncorrelated = place.uncorrelated ?? place.path }
            items = node(schemaOfItems, type?.element, below)
        }
        var additional: RuleNode?
        if let values = schema.additionalSchema {
            additional = node(
                values, type?.element,
                place.below(".additionalProperties", count: schema.maxProperties))
        }
        var properties: [(name: String, node: RuleNode)] = []
        for (name, value) in schema.properties {
            let field = PropertyNames.escaped(name).flatMap { type?.fields[$0] }?.schema
            let own =
                field
                ?? SchemaType(
                    value, name: (type?.name ?? "object") + "." + name,
                    isObject: value.isEmbeddedResource)
            if let node = node(value, own, place.below(".properties[\(name)]")) {
                properties.append((name, node))
            }
        }
        if rules.isEmpty, allOf.isEmpty, items == nil, additional == nil, properties.isEmpty {
            return nil
        }
        return RuleNode(
            schema: schema, type: type, rules: rules, allOf: allOf, items: items,
            additional: additional, properties: properties)
    }

    /// A part of `allOf`, which says nothing about types, with the types of the whole.
    private static func typed(
        _ part: StructuralSchema, like whole: StructuralSchema
    ) -> StructuralSchema {
        var result = part
        result.type = result.type ?? whole.type
        result.isIntOrString = whole.isIntOrString
        result.format = result.format ?? whole.format
        result.isNullable = whole.isNullable
        result.listType = whole.listType
        result.listMapKeys = whole.listMapKeys
        if let items = part.items, let model = whole.items {
            result.items = typed(items, like: model)
        }
        for (name, value) in part.properties {
            if let model = whole.properties[name] {
                result.properties[name] = typed(value, like: model)
            }
        }
        if let values = part.additionalSchema, let model = whole.additionalSchema {
            result.additionalProperties = .schema(typed(values, like: model))
        }
        return result
    }

    private mutating func compile(
        _ schema: StructuralSchema, _ type: SchemaType?, _ place: Place
    ) -> [CompiledRule] {
        var result: [CompiledRule] = []
        for (index, rule) in schema.rules.enumerated() {
            let own = place.below(".x-kubernetes-validations[\(index)]")
            let before = faults.count
            checkTexts(rule, schema, own.path)
            let compiled = compile(rule, schema, type)
            if faults.count == before { checkPrograms(compiled, type, own) }
            result.append(compiled)
        }
        return result
    }

    private func compile(
        _ rule: ValidationRule, _ schema: StructuralSchema, _ type: SchemaType?
    ) -> CompiledRule {
        let selfType = type?.type ?? .dyn
        let isOptional = rule.optionalOldSelf == true
        let environment = CELEnvironment(
            variables: [
                "self": selfType, "oldSelf": isOptional ? .optional(selfType) : selfType,
            ])
        let program = Result { () throws(CELError) in
            let program = try Self.compile(rule.rule, environment)
            guard program.resultType == .bool else {
                throw CELError(.check, "cel expression must evaluate to a bool")
            }
            if let pattern = program.expression.faultyPattern {
                throw CELError(.check, "program instantiation failed: " + pattern.description)
            }
            return program
        }
        let plain = CELEnvironment(variables: ["self": selfType, "oldSelf": selfType])
        var message: CELProgram?
        // Where the expression for the message does not compile, the plain message stands in for
        // it: a rule must not cease to hold for want of words.
        if let text = rule.messageExpression,
            let program = try? CELProgram(text, in: plain), program.resultType == .string
        {
            message = program
        }
        return CompiledRule(
            rule: rule, program: program, message: message,
            usesOldSelf: (try? program.get())?.variables.contains("oldSelf") ?? false,
            messageEnvironment: plain,
            // A path that leads nowhere is left out of the error, which then names the object.
            pathSuffix: rule.fieldPath.flatMap { text in
                try? RuleFieldPath(text, in: schema).text
            } ?? "")
    }

    private static func compile(
        _ text: String, _ environment: CELEnvironment
    ) throws(CELError) -> CELProgram {
        do throws(CELError) {
            return try CELProgram(text, in: environment)
        } catch {
            throw CELError(error.code, "compilation failed: " + error.message)
        }
    }

    // MARK: Checks of the CRD

    private mutating func fault(
        _ kind: FieldError.Kind, _ path: String, _ badValue: JSONValue?, _ detail: String
    ) {
        faults.append(RuleFault(kind: kind, path: path, badValue: badValue, detail: detail))
    }

    private static func trimmed(_ text: String) -> String { RuleWalk.trimmed(text) }

    private mutating func checkTexts(
        _ rule: ValidationRule, _ schema: StructuralSchema, _ place: String
    ) {
        if Self.trimmed(rule.rule).isEmpty {
            fault(.required, place + ".rule", nil, "rule is not specified")
        }
        if let message = rule.message {
            if Self.trimmed(message).isEmpty, !message.isEmpty {
                fault(
                    .invalid, place + ".message", .string(message),
                    "message must be non-empty if specified")
            } else if Self.hasLineBreak(message) {
                fault(
                    .invalid, place + ".message", .string(message),
                    "message must not contain line breaks")
            }
        }
        if (rule.message ?? "").isEmpty, (rule.messageExpression ?? "").isEmpty,
            Self.hasLineBreak(rule.rule)
        {
            fault(
                .required, place + ".message", nil,
                "message must be specified if rule contains line breaks")
        }
        if let text = rule.messageExpression, !text.isEmpty, Self.trimmed(text).isEmpty {
            fault(
                .required, place + ".messageExpression", nil,
                "messageExpression must be non-empty if specified")
        }
        let reasons = [
            "FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired",
            "FieldValueDuplicate",
        ]
        if let reason = rule.reason, !reasons.contains(reason) {
            let shown = reasons.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
            fault(
                .notSupported, place + ".reason", .string(reason), "supported values: " + shown)
        }
        checkFieldPath(rule, schema, place)
    }

    private mutating func checkFieldPath(
        _ rule: ValidationRule, _ schema: StructuralSchema, _ place: String
    ) {
        guard let text = rule.fieldPath else { return }
        let path = place + ".fieldPath"
        if Self.trimmed(text).isEmpty {
            fault(.invalid, path, .string(text), "fieldPath must be non-empty if specified")
            return
        }
        if Self.hasLineBreak(text) {
            fault(.invalid, path, .string(text), "fieldPath must not contain line breaks")
            return
        }
        do throws(CELError) {
            _ = try RuleFieldPath(text, in: schema)
        } catch {
            fault(
                .invalid, path, .string(text),
                "fieldPath must be a valid path: " + error.message)
        }
    }

    private static func hasLineBreak(_ text: String) -> Bool {
        text.utf8.contains { $0 == 0x0A || $0 == 0x0D }
    }

    private mutating func checkPrograms(
        _ compiled: CompiledRule, _ type: SchemaType?, _ place: Place
    ) {
        let rule = compiled.rule
        let path = place.path
        switch compiled.program {
        case .failure(let error): fault(.invalid, path + ".rule", rule.json, error.message)
        case .success(let program):
            checkCost(program, type, place.cardinality, path + ".rule", "rule")
            if compiled.usesOldSelf, let uncorrelated = place.uncorrelated {
                faults.append(
                    RuleFault(
                        kind: .invalid, path: path + ".rule", badValue: .string(rule.rule),
                        detail: "oldSelf cannot be used on the uncorrelatable portion of the "
                            + "schema within ", within: uncorrelated))
            }
            if rule.optionalOldSelf != nil && !compiled.usesOldSelf {
                fault(
                    .invalid, path + ".optionalOldSelf",
                    rule.optionalOldSelf.map(JSONValue.bool),
                    "may not be set if oldSelf is not used in rule")
            }
        }
        if let message = compiled.message {
            checkCost(
                message, type, place.cardinality, path + ".messageExpression",
                "messageExpression")
        }
        guard let text = rule.messageExpression, !text.isEmpty, compiled.message == nil else {
            return
        }
        let detail = messageFault(compiled, text)
        fault(.invalid, path + ".messageExpression", rule.json, detail)
    }

    private func messageFault(_ compiled: CompiledRule, _ text: String) -> String {
        do throws(CELError) {
            _ = try CELProgram(text, in: compiled.messageEnvironment)
            return "messageExpression must evaluate to a string"
        } catch {
            return "messageExpression compilation failed: " + error.message
        }
    }
}

extension Expression {
    /// Why a constant pattern given to `find` or `findAll` is none.
    var faultyPattern: PatternError? {
        if case .method(_, let name, let arguments) = kind, name == "find" || name == "findAll",
            case .literal(.string(let text))? = arguments.first?.kind
        {
            do throws(PatternError) {
                _ = try Pattern(text)
            } catch {
                return error
            }
        }
        for child in kind.children {
            if let fault = child.faultyPattern { return fault }
        }
        return nil
    }
}
