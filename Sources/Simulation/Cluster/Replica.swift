import KubernetesCore

/// One replica of the operator: a machine with clocks. The process on it is in a list of its own
/// (`Cluster.processes`): looking at a replica, which every step does, must not copy a process.
struct Replica: Sendable {
    let index: Int
    var clock: SimulatedClock
    var starts = 0
    /// Which process runs on it, while there is one.
    var running: ProcessID?
    /// Until when the process stands still.
    var pausedUntil = SimulatedTime.zero
    /// From when and until when it reaches nobody.
    var cutOffFrom = SimulatedTime.zero
    var cutOffUntil = SimulatedTime.zero
    /// By how much and until when the events of a kind come late.
    var lags: [ResourceType: (delay: Duration, until: SimulatedTime)] = [:]
    /// The stream of each informer.
    var streams: [Int: Int] = [:]

    init(index: Int, clock: SimulatedClock) {
        self.index = index
        self.clock = clock
    }

    /// Reaches nobody for a while. What is on its way already arrives.
    mutating func cutOff(from now: SimulatedTime, for length: Duration) {
        cutOffFrom = now
        cutOffUntil = max(cutOffUntil, now + length)
    }

    /// The process of that start, if it still runs.
    func runs(_ id: ProcessID) -> Bool { running == id }
}

/// Where the frames of a watch go.
struct StreamRoute: Sendable {
    enum Reader: Sendable, Equatable {
        case history
        case informer(ProcessID, Int, question: Int)
    }

    let reader: Reader
    let type: ResourceType
    /// When the piece before arrives: pieces never overtake each other.
    var lastArrival = SimulatedTime.zero
}

/// A request on its way.
struct PendingRequest: Sendable {
    let request: APIRequest
    let process: ProcessID
    let errand: Errand
    let sentAt: SimulatedTime
    let givenUpAt: SimulatedTime
    let answersAt: SimulatedTime
    let fate: RequestFate
    var answer: RequestAnswer?
}

/// What will go wrong with a request.
enum RequestFate: Sendable, Equatable {
    case none
    case unreachable
    case refused(Int)
    case falseConflict
    case answerLost
}

/// What reaches who sent a request.
enum RequestAnswer: Sendable {
    case body([UInt8])
    case error(APIError)
    case stream(Int)
}
