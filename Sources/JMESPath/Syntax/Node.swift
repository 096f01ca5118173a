import KubernetesCore

/// An expression as a tree. What is written as a row (`a.b.c`, `a || b || c`, `a | b | c`) is one
/// node, however long it is.
indirect enum Node: Sendable {
    case current
    case field(String)
    case index(Int)
    case slice(Slice)
    case literal(JSONValue)
    /// Each part is applied to what the one before it gave.
    case chain([Node])
    case pipe([Node])
    case or([Node])
    case and([Node])
    case not(Node)
    case comparison(Comparator, Node, Node)
    case list([Node])
    case hash([HashMember])
    case call(Call)
    /// The elements of the array that `left` gives, each with `right` applied.
    case projection(left: Node, right: Node)
    /// The same for the values of an object.
    case valueProjection(left: Node, right: Node)
    /// The same for the elements of which `condition` is true.
    case filter(left: Node, condition: Node, right: Node)
    case flatten(Node)
}

/// A part of an array, as in `[1:5:2]`.
struct Slice: Sendable {
    var start: Int?
    var stop: Int?
    var step: Int?
}

/// One member of a multi-select hash.
struct HashMember: Sendable {
    var key: String
    var value: Node
}

/// How two values are compared.
enum Comparator: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}

/// A call of a function whose arguments have been counted.
struct Call: Sendable {
    let function: Function
    let arguments: [CallArgument]
    /// The function's first argument as a regular expression, where it is one and stands in the
    /// text, so that it is compiled once.
    let pattern: Pattern?
}

/// An argument of a call, not yet evaluated.
enum CallArgument: Sendable {
    case value(Node)
    /// `&expression`: handed over as it is.
    case expression(Node)
}
