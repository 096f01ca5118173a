extension APIServer {
    /// A copy of this server whose identifiers and name suffixes come from another seed from now
    /// on, and which keeps so many changes for watches. For many runs from one prepared server.
    public func reseeded(_ seed: UInt64, historyMax: Int) -> APIServer {
        var copy = self
        copy.random = RandomSource(seed: seed)
        copy.configuration.historyMax = historyMax
        copy.store.limitHistory(to: historyMax)
        return copy
    }
}
