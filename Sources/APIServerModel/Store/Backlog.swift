/// A list that grows at its end and is cut at its front, both in constant time on average.
struct Backlog<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var start = 0

    var count: Int { elements.count - start }

    var first: Element? { start < elements.count ? elements[start] : nil }

    /// The element at `index`, counted from the front; it must be there.
    subscript(_ index: Int) -> Element { elements[start + index] }

    mutating func append(_ element: Element) { elements.append(element) }

    @discardableResult
    mutating func popFirst() -> Element? {
        guard let first else { return nil }
        start += 1
        if start > 64, start * 2 > elements.count {
            elements.removeFirst(start)
            start = 0
        }
        return first
    }
}
