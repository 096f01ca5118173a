/// Looks for texts in texts by their bytes, as programs in Go do: no two spellings of a letter are
/// the same.
enum ByteSearch {
    /// Whether `part` is somewhere in `text`. Takes time linear in both.
    static func contains(_ text: String, _ part: String) -> Bool {
        part.isEmpty || !places(of: part, in: text, limit: 1).isEmpty
    }

    /// The offsets in bytes at which `part`, which must not be empty, is in `text`, from left to
    /// right and without overlaps; at most `limit`. Takes time linear in both.
    static func places(of part: String, in text: String, limit: Int) -> [Int] {
        let wanted = Array(part.utf8)
        guard limit > 0, !wanted.isEmpty, text.utf8.count >= wanted.count else { return [] }
        let failures = failures(wanted)
        var result: [Int] = []
        var matched = 0
        for (offset, byte) in text.utf8.enumerated() {
            while matched > 0, wanted[matched] != byte { matched = failures[matched - 1] }
            if wanted[matched] == byte { matched += 1 }
            if matched == wanted.count {
                result.append(offset - matched + 1)
                if result.count == limit { return result }
                matched = 0
            }
        }
        return result
    }

    /// For each prefix of `wanted` the longest of its ends that `wanted` starts with.
    private static func failures(_ wanted: [UInt8]) -> [Int] {
        var result = Array(repeating: 0, count: wanted.count)
        var length = 0
        for index in wanted.indices.dropFirst() {
            while length > 0, wanted[index] != wanted[length] { length = result[length - 1] }
            if wanted[index] == wanted[length] { length += 1 }
            result[index] = length
        }
        return result
    }
}
