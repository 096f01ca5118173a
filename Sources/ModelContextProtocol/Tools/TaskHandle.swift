public import KubernetesCore
public import SwiftletAPI

/// A task as clients name it.
///
/// The handle that we give out is `namespace/name/uid`: with the UID it cannot be guessed and never
/// means a successor of the same name, and with the name the task is found on a server that has
/// only just come to lead. Whoever has a handle still has to have the right to the task.
public struct TaskHandle: Hashable, Sendable, CustomStringConvertible {
    /// The task's key.
    public var key: Key<BackgroundTask>
    /// The task's UID; nil where whatever has the name is meant.
    public var uid: UID?

    /// The handle of a task.
    public init(of task: BackgroundTask) {
        key = task.key
        uid = task.metadata.uid
    }

    /// Whatever has this key.
    public init(key: Key<BackgroundTask>) { self.key = key }

    /// Reads a whole handle; nil for anything else.
    public init?(_ text: String) {
        self.init(text, in: nil)
        guard uid != nil else { return nil }
    }

    /// Reads a handle, `namespace/name`, or a name in `namespace`; nil for anything else.
    public init?(_ text: String, in namespace: String?) {
        guard text.utf8.count <= MCPLimits.handleBytesMax else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch parts.count {
        case 1:
            guard let namespace else { return nil }
            key = Key(namespace: namespace, name: parts[0])
        case 2: key = Key(namespace: parts[0], name: parts[1])
        case 3:
            key = Key(namespace: parts[0], name: parts[1])
            guard Self.isUID(parts[2]) else { return nil }
            uid = UID(parts[2])
        default: return nil
        }
        guard NameRules.dnsLabelErrors(key.namespace).isEmpty,
            NameRules.dnsSubdomainErrors(key.name).isEmpty
        else { return nil }
    }

    /// Whether this is the task that is meant.
    public func means(_ task: BackgroundTask) -> Bool {
        task.key == key && (uid == nil || uid == task.metadata.uid)
    }

    /// The whole handle, as clients are given it.
    public var description: String {
        key.description + (uid.map { "/" + $0.text } ?? "")
    }

    private static func isUID(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "-")
            }
    }
}
