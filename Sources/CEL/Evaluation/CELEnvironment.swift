/// What an expression can refer to.
public struct CELEnvironment: Sendable {
    /// The variables by their whole names, with their types; `dyn` where the type is not known.
    public var variables: [String: CELType]
    /// The namespace in which names are looked up first, as in `x.y`; empty in Kubernetes.
    public var container: String
    /// What of the language there is.
    public var features: CELFeatures
    /// Where time zones come from.
    public var zones: CELZones
    /// Functions besides those of the language.
    public var library: CELLibrary?
    /// Whether what is constant is evaluated when an expression is compiled, as Kubernetes does.
    var foldsConstants = true
    /// Functions that are known to the type checker only.
    var declared: [String: [CELSignature]] = [:]

    /// An environment with these variables.
    public init(
        variables: [String: CELType] = [:], container: String = "",
        features: CELFeatures = .kubernetes, zones: CELZones = .none,
        library: CELLibrary? = nil
    ) {
        self.library = library
        self.variables = variables
        self.container = container
        self.features = features
        self.zones = zones
    }

    /// The names that `name` can mean, in the order in which they are tried.
    func candidates(_ name: String) -> [String] {
        guard !container.isEmpty else { return [name] }
        var result: [String] = []
        var prefix = container[...]
        while true {
            result.append(prefix + "." + name)
            guard let dot = prefix.lastIndex(of: ".") else { break }
            prefix = prefix[..<dot]
        }
        return result + [name]
    }

    /// The function called `name` for `count` arguments, the receiver included.
    func function(_ name: String, isMethod: Bool, count: Int) -> CELFunction? {
        if let own = library?.function(name, isMethod: isMethod, count: count) { return own }
        let found =
            FunctionTable.shared.functions[
                FunctionTable.Key(name: name, isMethod: isMethod, count: count)]
            ?? FunctionTable.shared.functions[
                FunctionTable.Key(name: name, isMethod: isMethod, count: -1)]
        guard let found, features.extended || !found.isExtended else { return nil }
        return found
    }

    /// Whether there is any function called `name`, of the given style where one is given.
    func hasFunction(_ name: String, isMethod: Bool?) -> Bool {
        if declared[name] != nil { return true }
        if library?.hasFunction(name, isMethod: isMethod) == true { return true }
        return (FunctionTable.shared.byName[name] ?? []).contains {
            (isMethod == nil || $0.isMethod == isMethod) && (features.extended || !$0.isExtended)
        }
    }

    /// All signatures of `name` in one style.
    func signatures(_ name: String, isMethod: Bool) -> [CELSignature] {
        let known = (FunctionTable.shared.byName[name] ?? []).filter {
            $0.isMethod == isMethod && (features.extended || !$0.isExtended)
        }
        return known.flatMap(\.signatures)
            + (declared[name] ?? []).filter { $0.isMethod == isMethod }
            + (library?.signatures(name, isMethod: isMethod) ?? [])
    }
}

/// All functions of all libraries.
struct FunctionTable: Sendable {
    struct Key: Hashable, Sendable {
        var name: String
        var isMethod: Bool
        var count: Int
    }

    let functions: [Key: CELFunction]
    let byName: [String: [CELFunction]]

    static let shared = FunctionTable()

    private init() {
        var functions: [Key: CELFunction] = [:]
        var byName: [String: [CELFunction]] = [:]
        let libraries: [[CELFunction]] = [
            OperatorLibrary.functions, ConversionLibrary.functions, TimeLibrary.functions,
            StringLibrary.functions, FormatLibrary.functions, ListLibrary.functions,
            SetLibrary.functions, MathLibrary.functions, RegexLibrary.functions,
            EncoderLibrary.functions, OptionalLibrary.functions, NetworkLibrary.functions,
            URLLibrary.functions, QuantityLibrary.functions, SemverLibrary.functions,
            NamedFormatLibrary.functions,
        ]
        for function in libraries.joined() {
            let key = Key(
                name: function.name, isMethod: function.isMethod, count: function.count ?? -1)
            functions[key] = function
            byName[function.name, default: []].append(function)
        }
        self.functions = functions
        self.byName = byName
    }
}
