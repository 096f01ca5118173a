import Glibc
import Testing

@testable import LocalCluster

@Suite struct ReservedPortTests {
    @Test func `a port that is held cannot be taken by anybody else`() throws {
        let held = try ReservedPort(0)
        #expect(throws: LocalClusterError.self) { try ReservedPort(held.number) }
    }

    @Test func `a port is free again when it is held no longer`() throws {
        let number = try ReservedPort(0).number
        #expect(try ReservedPort(number).number == number)
    }

    @Test func `free ports are none that outgoing connections are given`() throws {
        let held = try (0..<50).map { _ in try ReservedPort(0) }
        #expect(held.allSatisfy { (20_000...32_000).contains($0.number) })
        #expect(Set(held.map(\.number)).count == held.count)
    }

    @Test func `the socket is handed over once`() throws {
        let held = try ReservedPort(0)
        let socket = try held.listening()
        defer { close(socket) }
        #expect(throws: LocalClusterError.self) { try held.listening() }
    }

    @Test(arguments: [-1, 65_536, .max]) func `what is no port is refused`(number: Int) {
        #expect(throws: LocalClusterError.self) { try ReservedPort(number) }
    }
}
