/// The state of one evaluation: variables, what it has cost, what it may cost.
final class Evaluator {
    /// The most work of a kind that has no cost in Kubernetes' model: steps of loops over
    /// constants, elements copied, octets written.
    static let stepsMax = 2_000_000
    /// The most octets of a text that a function may make.
    static let sizeMax = 4_000_000
    /// The most elements of a list that a function may make.
    static let countMax = 2_000_000

    let activation: CELActivation
    /// Who is asked for variables that the activation does not have, and for calls.
    let scope: (any CELScope)?
    let zones: CELZones
    let limit: UInt64
    private let stepsMax: Int
    private(set) var cost: UInt64 = 0
    private(set) var steps = 0
    var locals: [CELValue]

    init(
        activation: CELActivation, scope: (any CELScope)? = nil, zones: CELZones, limit: UInt64,
        locals: Int, stepsMax: Int = Evaluator.stepsMax
    ) {
        self.scope = scope
        self.stepsMax = stepsMax
        self.activation = activation
        self.zones = zones
        self.limit = limit
        self.locals = Array(repeating: .null, count: locals)
    }

    /// The variable called `name`; `nil` where there is none.
    func variable(_ name: String) throws(CELError) -> CELValue? {
        if let value = try activation.value(name) { return value }
        return try scope?.value(of: name)
    }

    /// Adds to the cost; fails where it is more than the limit.
    func charge(_ amount: UInt64) throws(CELError) {
        let (sum, overflow) = cost.addingReportingOverflow(amount)
        cost = overflow ? .max : sum
        if cost > limit { throw .overCost }
    }

    /// Counts work that costs nothing in Kubernetes' model but must end all the same.
    func spend(_ amount: Int) throws(CELError) {
        steps += min(max(amount, 0), stepsMax)
        if steps > stepsMax { throw .overCost }
    }

    /// Refuses a text of more than the largest size.
    func checkSize(_ size: Int) throws(CELError) {
        guard size <= Self.sizeMax else { throw Self.tooLarge }
        try spend(size / 16)
    }

    /// Refuses a list or map of more than the largest count.
    func checkCount(_ count: Int) throws(CELError) {
        guard count <= Self.countMax else { throw Self.tooLarge }
        try spend(count / 2)
    }

    private static let tooLarge = CELError(
        .cost, "operation cancelled: the result is too large")
}

/// What an expression is evaluated on.
public struct CELActivation: Sendable {
    /// The variables by their whole names, as in `object` and `variables.containers`.
    public var values: [String: CELValue]
    /// Called for a variable that `values` does not have; for values that are made only when used.
    public var lookup: (@Sendable (String) -> Result<CELValue, CELError>?)?

    /// These variables.
    public init(
        _ values: [String: CELValue] = [:],
        lookup: (@Sendable (String) -> Result<CELValue, CELError>?)? = nil
    ) {
        self.values = values
        self.lookup = lookup
    }

    func value(_ name: String) throws(CELError) -> CELValue? {
        if let value = values[name] { return value }
        guard let result = lookup?(name) else { return nil }
        return try result.get()
    }
}

/// Where time zones come from: the bytes of a TZif file (RFC 8536) for a name of the IANA database.
/// Without a source only UTC and offsets as `+02:00` are known.
public struct CELZones: Sendable {
    let data: @Sendable (String) -> [UInt8]?

    /// Zones from `data`, which must give the same bytes for the same name as long as an evaluation
    /// runs.
    public init(_ data: @escaping @Sendable (String) -> [UInt8]?) { self.data = data }

    /// No zones but UTC.
    public static let none = CELZones { _ in nil }
}
