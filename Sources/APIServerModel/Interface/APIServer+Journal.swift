import KubernetesCore

/// Keeping a server's state beyond its process. The shell appends what `takeJournal` gives out to a
/// journal that begins with a `snapshot`, and answers no request before what it changed is safe.
extension APIServer {
    /// A server with the state that a journal leads to. What the journal does not keep, such as the
    /// memory of controllers, follows from the objects; requests cut off half-way are carried on.
    public init(configuration: APIServerConfiguration, replay: JournalReplay) {
        self.init(
            configuration, store: replay.store, random: RandomSource(seed: replay.random))
        let now = configuration.startTime
        for object in store.objects(.definitions) where DefinitionStatus.isEstablished(object) {
            if let definition = CustomDefinition.read(object.value) { registry.set(definition) }
        }
        resumeControllers(at: now)
        bootstrap(at: now)
        _ = store.takeUnsent()
    }

    /// What has changed since the last call; nil where nothing has. Only a server that is
    /// configured to be journaled gives out anything.
    public mutating func takeJournal() -> JournalBatch? {
        let changes = store.takeUnwritten()
        return changes.isEmpty ? nil : JournalBatch(changes: changes, random: random.state)
    }

    /// A picture of the state as it is, for the beginning of a journal. Changes that `takeJournal`
    /// has not given out yet are in it.
    public var snapshot: JournalSnapshot {
        JournalSnapshot(store: store, random: random.state)
    }
}
