/// Small numbers for texts, so that records compare and store numbers.
///
/// Numbers are never given back: what is interned are names of pools, nodes, tenants and
/// task types, whose number is bounded by the cluster, not by its traffic.
struct Interner: Sendable {
    private var numbers: [String: Int32] = [:]
    private(set) var texts: [String] = []

    mutating func number(of text: String) -> Int32 {
        if let known = numbers[text] { return known }
        let number = Int32(texts.count)
        numbers[text] = number
        texts.append(text)
        return number
    }

    func existing(_ text: String) -> Int32? { numbers[text] }

    subscript(number: Int32) -> String { texts[Int(number)] }
}
