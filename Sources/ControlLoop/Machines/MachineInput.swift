/// What a machine is told.
public enum MachineInput: Sendable {
    /// Objects changed, or a new picture is there; each object at most once, with its oldest unseen
    /// and its newest state. The picture holds for the inputs that follow, until the next one.
    case changed([AnyChange], in: ClusterView)
    /// A plan that the machine asked for has ended.
    case finished(PlanToken, Outcome)
    /// This process leads, still leads, or (nil) leads no more.
    case leadership(Leadership?)
    /// The instant of an earlier `wake` has come.
    case timer
}

/// Names one plan that is being carried out.
public struct PlanToken: Hashable, Comparable, Sendable {
    /// The number, unique inside one machine.
    public let number: UInt64

    /// The token `number`.
    public init(_ number: UInt64) { self.number = number }

    /// The earlier of two tokens.
    public static func < (left: PlanToken, right: PlanToken) -> Bool { left.number < right.number }
}
