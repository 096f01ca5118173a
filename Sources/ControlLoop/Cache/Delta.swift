public import KubernetesCore

/// What the server, or a local observer, said about one kind.
public enum Delta<Object: ClusterObject>: Sendable, Equatable {
    /// The complete picture at a version: what is not named is gone, except for the keys that are
    /// kept: objects that exist but could not be read, of which the last reading stays.
    case replace([Object], keeping: [Key<Object>] = [], at: ResourceVersion)
    /// An object as it is at a version.
    case upsert(Object, at: ResourceVersion)
    /// An object is gone since a version.
    case remove(Key<Object>, at: ResourceVersion)
    /// Nothing else happened up to a version: a bookmark.
    case progress(ResourceVersion)
}
