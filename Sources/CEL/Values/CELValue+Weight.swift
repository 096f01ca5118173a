extension CELValue {
    /// The most values inside a value that leaves the evaluation.
    static let weightMax = 2_000_000

    /// How many values there are in this one, itself included, those that are shared counted each
    /// time; counting stops above `limit`.
    func weight(atMost limit: Int) -> Int {
        var left = limit
        count(&left)
        return limit - left
    }

    private func count(_ left: inout Int) {
        left -= 1
        guard left >= 0 else { return }
        switch self {
        // What cannot be had is not counted; whoever asks for it is told why.
        case .list(let list):
            for index in 0..<list.count {
                guard left >= 0, let element = try? list.element(index) else { return }
                element.count(&left)
            }
        case .map(let map):
            for (_, value) in (try? map.entries()) ?? [] {
                guard left >= 0 else { return }
                value.count(&left)
            }
        case .optional(let inner): inner?.count(&left)
        default: break
        }
    }
}
