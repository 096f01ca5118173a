/// What goes along with every write.
public struct WriteOptions: Hashable, Sendable {
    /// Under whose name the server notes the fields that are written; empty leaves it to the
    /// server.
    public var fieldManager: String
    /// Whether the server shall check everything and store nothing.
    public var dryRun: Bool
    /// For an apply: whether fields of other managers are taken over rather than refused.
    public var force: Bool
    /// Whether unknown and repeated fields are refused (`Strict`); where not, they are dropped.
    public var strict: Bool

    /// Options; a plain write where nothing is given.
    public init(
        fieldManager: String = "", dryRun: Bool = false, force: Bool = false, strict: Bool = false
    ) {
        self.fieldManager = fieldManager
        self.dryRun = dryRun
        self.force = force
        self.strict = strict
    }

    /// A plain write.
    public static let plain = WriteOptions()
}
