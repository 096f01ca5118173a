/// Random numbers that a seed decides, the same on every machine (SplitMix64).
package struct SeededNumbers: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(_ seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, but not including, `bound`; 0 where that is none.
    package mutating func number(below bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }

    /// True in `one` of `all` cases.
    package mutating func chance(_ one: Int, in all: Int) -> Bool { number(below: all) < one }
}
