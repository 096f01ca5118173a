/// What has been used up to a moment.
struct UsageSample: Hashable, Sendable {
    /// Processor time since some beginning, in nanoseconds.
    var processorNanoseconds: Int
    /// Memory that could not be taken back, in bytes.
    var memoryBytes: Int

    /// The sum, held inside Int.
    static func sum(_ left: Int, _ right: Int) -> Int {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }

    /// The product, held inside Int.
    static func product(_ left: Int, _ right: Int) -> Int {
        let (product, overflow) = left.multipliedReportingOverflow(by: right)
        return overflow ? .max : product
    }
}
