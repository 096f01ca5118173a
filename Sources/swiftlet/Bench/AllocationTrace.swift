import FoundationEssentials
import Glibc
import KubernetesClient
import Subprocess
import SystemPackage

/// Counts what a piece of work allocates, freed again or not. glibc's own recorder (`mtrace`, in
/// `libc_malloc_debug`) writes every allocation to a file; because it slows the work down, and must
/// be there from a program's start, it runs in a second process.
enum AllocationTrace {
    /// Everything that was allocated.
    struct Total: Sendable {
        let count: Int
        let bytes: Int
    }

    private static let library = "libc_malloc_debug.so.0"

    /// Runs `work` with every allocation recorded; in the second process.
    static func run(_ work: () throws -> Void) throws {
        guard let begin = function("mtrace"), let end = function("muntrace") else {
            throw CommandFailure("this C library has no mtrace")
        }
        // What is only made once, such as metadata of types, is none of the work's.
        try work()
        begin()
        try work()
        end()
    }

    /// Starts this program again with `arguments` and adds up what it records; nil where it records
    /// nothing, which is said on standard error.
    static func ofChild(_ arguments: [String]) async throws -> Total? {
        let file = "/tmp/swiftlet-bench-\(getpid()).mtrace"
        defer { unlink(file) }
        let result = try await Subprocess.run(
            .path("/proc/self/exe"), arguments: Arguments(arguments),
            environment: .inherit.updating(["LD_PRELOAD": library, "MALLOC_TRACE": file]),
            output: .discarded, error: .discarded)
        guard result.terminationStatus.isSuccess else {
            Terminal.complain("allocations were not counted: \(result.terminationStatus)")
            return nil
        }
        do {
            return total(try String(contentsOfFile: file, encoding: .utf8))
        } catch {
            Terminal.complain(
                "allocations were not counted: \(file) cannot be read: \(error.systemReason)")
            return nil
        }
    }

    /// Lines of allocations are `@ caller + address size`; those of blocks that have grown have a
    /// `>` instead.
    private static func total(_ text: String) -> Total {
        var count = 0
        var bytes = 0
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 3, let size = words.last, size.hasPrefix("0x"),
                ["+", ">"].contains(words[words.count - 3])
            else { continue }
            count += 1
            bytes += Int(size.dropFirst(2), radix: 16) ?? 0
        }
        return Total(count: count, bytes: bytes)
    }

    private static func function(_ name: String) -> (@convention(c) () -> Void)? {
        // The recorder's functions bear glibc's first version, which a plain look-up passes over;
        // the look-up by version is one that Swift's Glibc does not name.
        typealias LookUp =
            @convention(c) (
                UnsafeMutableRawPointer?, UnsafePointer<CChar>, UnsafePointer<CChar>
            ) -> UnsafeMutableRawPointer?
        guard let library = dlopen(library, RTLD_NOW), let found = dlsym(nil, "dlvsym") else {
            return nil
        }
        return unsafeBitCast(found, to: LookUp.self)(library, name, "GLIBC_2.2.5").map {
            unsafeBitCast($0, to: (@convention(c) () -> Void).self)
        }
    }
}
