/// A hash that is the same in every process, for tie-breaks and seeds. Not for untrusted input.
public enum StableHash {
    /// 64 bits of FNV-1a over the UTF-8 of `text`, mixed so that every bit counts.
    public static func of(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 {
            hash ^= UInt64(byte)
            hash = hash &* 0x0000_0100_0000_01b3
        }
        return mix(hash)
    }

    /// The finalizer of SplitMix64: a bijection in which every input bit reaches every output bit.
    public static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, not including, 1 that `seed` decides.
    public static func fraction(_ seed: UInt64) -> Double {
        Double(mix(seed &+ 0x9e37_79b9_7f4a_7c15) >> 11) / Double(1 << 53 as UInt64)
    }
}
