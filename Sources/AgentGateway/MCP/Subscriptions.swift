import HTTPTypes
import Hummingbird
import KubernetesCore
import ModelContextProtocol
import NIOCore
import SwiftletAPI

/// `subscriptions/listen`: lets clients listen to how their tasks stand.
struct Subscriptions: Sendable {
    let admission: Admission
    let waits: AgentWaits
    let places: StreamPlaces

    init(admission: Admission, waits: AgentWaits) {
        self.admission = admission
        self.waits = waits
        places = StreamPlaces(
            admission.limits.subscriptionsMax, perCaller: admission.limits.callerSubscriptionsMax)
    }

    /// The answer to `listen`, which came with `request` on `channel`: a stream.
    func answer(
        to listen: MCPRequest, for filter: SubscriptionFilter, in request: Request,
        on channel: any Channel, _ errands: TaskErrands
    ) async throws -> Response {
        let place = try place(for: errands.caller)
        var granted: [TaskHandle] = []
        for text in filter.tasks {
            // What is not there and what is not theirs is left out alike.
            guard let handle = TaskHandle(text), let task = try await errands.task(handle) else {
                continue
            }
            granted.append(TaskHandle(of: task))
        }
        let stream = SubscriptionStream(
            request: request, channel: channel, errands: errands, waits: waits, place: place)
        let subscription = TaskSubscription(listen, to: granted)
        return Response(
            status: .ok, headers: Self.headers,
            body: ResponseBody { writer in try await stream.tell(subscription, &writer) })
    }

    private func place(for caller: CallerIdentity) throws -> StreamPlaces.Place {
        do throws(StreamPlaces.Refused) {
            return try places.take(for: caller.user)
        } catch {
            let again = ["retry-after": "5"]
            switch error {
            case .full:
                throw Refusal(
                    status: .serviceUnavailable, reason: "Unavailable",
                    message: "too many subscriptions are open; ask with tasks/get", fields: again)
            case .callerHasEnough:
                throw Refusal(
                    status: .tooManyRequests, reason: "TooManyRequests",
                    message: "at most \(admission.limits.callerSubscriptionsMax) subscriptions of "
                        + "one caller are open at a time: end one, or name more tasks in one",
                    fields: again)
            }
        }
    }

    /// Nothing on the way is to keep events back. The connection ends with the stream.
    private static let headers: HTTPFields = {
        var headers: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "no-cache", .connection: "close",
        ]
        if let name = HTTPField.Name("x-accel-buffering") { headers[name] = "no" }
        return headers
    }()
}
