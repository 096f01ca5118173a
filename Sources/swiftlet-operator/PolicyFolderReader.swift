import FoundationEssentials
import Glibc
import KubernetesClient
import KubernetesCore
import KubernetesRuntime
import Logging
import PolicyEngine
import Reconcilers
import ServiceLifecycle
import SystemPackage

/// Puts what lies in the folders of policies into the cache, and again whenever it has changed.
///
/// A folder that cannot be read is a fault that forbids agents: it may hold what would forbid them.
struct PolicyFolderReader: Service {
    /// Files or folders.
    let paths: [String]
    let cache: ClusterCache
    let text: PolicyText

    /// The largest file in bytes, the most files, the most bytes of all, and the deepest folder.
    private static let bytesMax = 4 << 20
    private static let filesMax = 2_000
    private static let totalMax = 32 << 20
    private static let depthMax = 16
    /// How often the folders are looked at.
    private static let interval = Duration.seconds(2)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var seen: [String]?
            while !Task.isCancelled {
                let marks = marks
                if marks != seen {
                    seen = marks
                    await cache.publish(read())
                }
                // Nothing to watch: what is known stays.
                let pause = paths.isEmpty ? .seconds(86_400) : Self.interval
                do { try await Task.sleep(for: pause) } catch { return }
            }
        }
    }

    // MARK: - Reading

    /// The folders as they are now.
    func read() -> PolicyFolders {
        var documents: [PolicyDocument] = []
        var problems: [PolicyProblem] = []
        var total = 0
        for path in paths {
            var files: [String] = []
            if let fault = collect(path, 0, &files) { problems.append(fault) }
            for file in files {
                do throws(PolicyText.Fault) {
                    let content = try Self.content(of: file)
                    total += content.utf8.count
                    guard total <= Self.totalMax else {
                        throw PolicyText.Fault(
                            "the policies have more than \(Self.totalMax) bytes together")
                    }
                    documents += try text.objects(content).map {
                        PolicyDocument(source: file, object: $0)
                    }
                } catch {
                    problems.append(Self.problem(file, error.reason))
                }
            }
        }
        return PolicyFolders(documents: documents, problems: problems)
    }

    private static func problem(_ path: String, _ reason: String) -> PolicyProblem {
        PolicyProblem(source: path, policy: "", path: "", reason: reason)
    }

    /// Adds the manifests of a file or folder, in the order of their names. Names that begin with a
    /// dot are left out: mounted ConfigMaps keep their older versions under such.
    private func collect(
        _ path: String, _ depth: Int, _ files: inout [String]
    ) -> PolicyProblem? {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            return Self.problem(path, "there is no such file or folder")
        }
        guard isFolder else {
            guard files.count < Self.filesMax else {
                return Self.problem(path, "there are more than \(Self.filesMax) files")
            }
            files.append(path)
            return nil
        }
        guard depth <= Self.depthMax else {
            return Self.problem(path, "folders are nested deeper than \(Self.depthMax)")
        }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            return Self.problem(path, "the folder cannot be read: \(error.systemReason)")
        }
        for name in names.sorted() where !name.hasPrefix(".") {
            let inner = path + "/" + name
            var isInnerFolder = false
            _ = FileManager.default.fileExists(atPath: inner, isDirectory: &isInnerFolder)
            let isManifest = [".yaml", ".yml", ".json"].contains(where: name.hasSuffix)
            guard isInnerFolder || isManifest else { continue }
            if let fault = collect(inner, depth + 1, &files) { return fault }
        }
        return nil
    }

    private static func content(of path: String) throws(PolicyText.Fault) -> String {
        var bytes: [UInt8] = []
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly)
            // Nothing was written to it, so closing it can lose nothing.
            defer { try? file.close() }
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            while bytes.count <= bytesMax {
                let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
                if count == 0 { break }
                bytes += chunk[..<count]
            }
        } catch {
            throw PolicyText.Fault("the file cannot be read: \(error)")
        }
        guard bytes.count <= bytesMax else {
            throw PolicyText.Fault("the file has more than \(bytesMax) bytes")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw PolicyText.Fault("the file is no UTF-8")
        }
        return text
    }

    // MARK: - Changes

    /// What tells whether anything has changed: names, sizes, times and identities of files.
    private var marks: [String] {
        var marks: [String] = []
        for path in paths {
            var files: [String] = []
            if let fault = collect(path, 0, &files) { marks.append(fault.description) }
            for file in files {
                var state = stat()
                guard stat(file, &state) == 0 else {
                    marks.append(file)
                    continue
                }
                marks.append(
                    "\(file) \(state.st_ino) \(state.st_size) "
                        + "\(state.st_mtim.tv_sec).\(state.st_mtim.tv_nsec)")
            }
        }
        return marks
    }
}
