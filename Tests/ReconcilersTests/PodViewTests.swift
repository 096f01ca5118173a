import KubernetesCore
import Testing

@testable import Reconcilers

/// What is read of a pod.
struct PodViewTests {
    @Test(arguments: [
        ("{}", []), (#"{"podIP":""}"#, []), (#"{"podIP":"10.0.0.5"}"#, ["10.0.0.5"]),
        (
            #"{"podIP":"10.0.0.5","podIPs":[{"ip":"10.0.0.5"},{"ip":"fd00::5"}]}"#,
            ["10.0.0.5", "fd00::5"]
        ),
        (#"{"podIP":"10.0.0.5","podIPs":[{}]}"#, ["10.0.0.5"]),
    ])
    func `a pod's addresses are those that its node has given it`(
        status: String, addresses: [String]
    ) throws {
        let text = #"{"metadata":{"name":"a","namespace":"shop"},"status":"# + status + "}"
        let pod = try PodView(reading: JSONDocument(parsing: text).root)
        #expect(pod.addresses == addresses)
    }

    @Test func `no list of addresses is believed without end`() throws {
        let many = (0..<100).map { #"{"ip":"10.0.0.\#($0)"}"# }.joined(separator: ",")
        let text = #"{"metadata":{"name":"a"},"status":{"podIPs":[\#(many)]}}"#
        #expect(try PodView(reading: JSONDocument(parsing: text).root).addresses.count == 8)
    }
}
