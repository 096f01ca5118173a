/// What a supervisor tells the runner about the program that it started.
enum SupervisorReport: Hashable, Sendable {
    /// The program runs and leads the process group of this number.
    case started(Int32)
    /// The program could not be started: an error number.
    case startFailed(Int32)
    /// The program ended with this code, and nothing that it started is left.
    case exited(Int32)
    /// The program was ended by this signal, and nothing that it started is left.
    case signalled(Int32)
    /// The program and what it started took more memory than they may, and are killed: mebibytes.
    case tooMuchMemory(Int32)
    /// The program started more processes than it may, and they are killed: how many there were.
    case tooManyProcesses(Int32)
    /// The kernel killed so many of its processes for want of memory, and all of them are gone.
    case outOfMemory(Int32)
    /// The kernel refused it more processes and threads, so many times, and all of them are gone.
    case refusedTasks(Int32)
    /// The program has no control group, which could not be made: an error number.
    case ungrouped(Int32)
    /// Its control group could not be removed: an error number.
    case groupStays(Int32)

    /// Each report has as many bytes: four of kind and four of value, low bytes first.
    static let size = 8

    /// The report as it is sent.
    var bytes: [UInt8] {
        let (kind, value): (UInt8, Int32) =
            switch self {
            case .started(let value): (1, value)
            case .startFailed(let value): (2, value)
            case .exited(let value): (3, value)
            case .signalled(let value): (4, value)
            case .tooMuchMemory(let value): (5, value)
            case .tooManyProcesses(let value): (6, value)
            case .outOfMemory(let value): (7, value)
            case .refusedTasks(let value): (8, value)
            case .ungrouped(let value): (9, value)
            case .groupStays(let value): (10, value)
            }
        let bits = UInt32(bitPattern: value)
        return [kind, 0, 0, 0] + [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: bits >> $0) }
    }

    /// Takes the whole reports off the front of what was received; an unfinished one stays.
    static func take(from received: inout [UInt8]) -> [SupervisorReport] {
        var reports: [SupervisorReport] = []
        while received.count >= size {
            if let report = SupervisorReport(Array(received.prefix(size))) {
                reports.append(report)
            }
            received.removeFirst(size)
        }
        return reports
    }

    private init?(_ bytes: [UInt8]) {
        let bits = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let value = Int32(bitPattern: bits)
        switch bytes.first {
        case 1: self = .started(value)
        case 2: self = .startFailed(value)
        case 3: self = .exited(value)
        case 4: self = .signalled(value)
        case 5: self = .tooMuchMemory(value)
        case 6: self = .tooManyProcesses(value)
        case 7: self = .outOfMemory(value)
        case 8: self = .refusedTasks(value)
        case 9: self = .ungrouped(value)
        case 10: self = .groupStays(value)
        default: return nil
        }
    }
}
