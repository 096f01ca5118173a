import FoundationEssentials
import KubernetesClient
import KubernetesCore
import PolicyEngine
import SystemPackage
import YAMLReading

/// Reads what the policy commands are given, and refuses what is too large or no YAML.
struct PolicyFiles {
    /// The largest file in bytes.
    static let bytesMax = 16 << 20
    /// The most files of a folder, and the deepest folder.
    static let filesMax = 10_000
    static let depthMax = 32

    /// What `evaluate` works on.
    struct Loaded {
        let evaluation: OfflineEvaluation
        let resources: OfflineResources
    }

    /// Reads one YAML document, for rules that hold YAML as text.
    static let parseYAML: @Sendable (String) -> JSONValue? = { text in
        guard let documents = try? YAMLText.read(text, rules: .kubernetes), documents.count <= 1
        else { return nil }
        return documents.first ?? .null
    }

    /// Reads policies, manifests, files that say what a cluster would, and who asks.
    func load(
        policies: [String], resources: [String], surroundings: [String], user: String?,
        inline: JSONValue? = nil, parameters: [String] = []
    ) throws(CommandFailure) -> Loaded {
        let documents = try self.policies(at: policies)
        var values: OfflineValues?
        var cluster = OfflineCluster()
        do throws(PolicyProblem) {
            if let inline {
                values = try OfflineValues(reading: inline, source: "values")
            }
        } catch {
            throw CommandFailure("\(error)")
        }
        for path in surroundings {
            for document in try self.documents(of: path) {
                try read(document, at: path, &values, &cluster)
            }
        }
        for path in parameters { cluster.add(try self.documents(at: path)) }
        var objects: [JSONValue] = []
        for path in resources { objects += try self.documents(at: path) }
        return Loaded(
            evaluation: OfflineEvaluation(
                policies: documents, values: values ?? OfflineValues(), cluster: cluster,
                user: try self.user(at: user)),
            resources: OfflineResources(objects))
    }

    /// Runs the test in a file; the files that it names are relative to its folder.
    func runTest(_ path: String) throws(CommandFailure) -> PolicyTestReport {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        func inFolder(_ name: String) -> String {
            name.hasPrefix("/") ? name : folder + "/" + name
        }
        let documents = try documents(of: path)
        guard documents.count == 1, let document = documents.first else {
            throw CommandFailure("\(path): must hold one test, not \(documents.count)")
        }
        let test: PolicyTest
        do {
            test = try PolicyTest(reading: document, source: path)
        } catch {
            throw CommandFailure("\(error)")
        }
        let files = [test.valuesFile, test.contextFile].compactMap { $0 }.filter { !$0.isEmpty }
        let user = test.userFile.flatMap { $0.isEmpty ? nil : inFolder($0) }
        let loaded = try load(
            policies: (test.policies + test.exceptions).map(inFolder),
            resources: test.resources.map(inFolder), surroundings: files.map(inFolder),
            user: user, inline: test.values, parameters: test.parameters.map(inFolder))
        var patched: [String: [JSONValue]] = [:]
        for file in test.expectations.compactMap(\.patched) where patched[file] == nil {
            patched[file] = try self.documents(of: inFolder(file))
        }
        return PolicyTestReport(
            test,
            loaded.evaluation.judge(
                loaded.resources, at: Self.now, parseYAML: Self.parseYAML),
            problems: loaded.evaluation.policies.problems, patched: patched)
    }

    // MARK: Documents

    /// The policies of files and folders; lists are taken apart.
    func policies(at paths: [String]) throws(CommandFailure) -> [PolicyDocument] {
        var result: [PolicyDocument] = []
        var files: [String] = []
        for path in paths { files += try Self.manifests(at: path) }
        for file in files {
            for object in try documents(of: file) {
                let isList = (object["kind"]?.string ?? "").hasSuffix("List")
                let objects = isList ? object["items"]?.array ?? [object] : [object]
                result += objects.map { PolicyDocument(source: file, object: $0) }
            }
        }
        return result
    }

    private func read(
        _ document: JSONValue, at path: String, _ values: inout OfflineValues?,
        _ cluster: inout OfflineCluster
    ) throws(CommandFailure) {
        do throws(PolicyProblem) {
            if document["kind"]?.string == "Context" {
                try cluster.read(document, source: path)
            } else {
                guard values == nil else {
                    throw PolicyProblem(
                        source: path, policy: "", path: "",
                        reason: "only one file of values can be given")
                }
                values = try OfflineValues(reading: document, source: path)
            }
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    private func user(at path: String?) throws(CommandFailure) -> PolicyRequest.User {
        guard let path else { return PolicyRequest.User(name: "") }
        guard let document = try documents(of: path).first else {
            return PolicyRequest.User(name: "")
        }
        do {
            return try PolicyRequest.User(reading: document, source: path)
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    private func documents(at path: String) throws(CommandFailure) -> [JSONValue] {
        var result: [JSONValue] = []
        for file in try Self.manifests(at: path) { result += try documents(of: file) }
        return result
    }

    /// The documents of one file.
    func documents(of path: String) throws(CommandFailure) -> [JSONValue] {
        let text = try Self.text(of: path)
        do {
            return try YAMLText.read(text, rules: .kubernetes)
        } catch {
            throw CommandFailure("\(path): \(error)")
        }
    }

    // MARK: Files

    /// A file, or the manifests of a folder and below.
    private static func manifests(at path: String) throws(CommandFailure) -> [String] {
        var isFolder = false
        if path == "-" { return [path] }
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CommandFailure("there is no \(path)")
        }
        guard isFolder else { return [path] }
        return try files(below: path) { name in
            !name.hasPrefix(".") && [".yaml", ".yml", ".json"].contains(where: name.hasSuffix)
        }
    }

    /// The files of a folder and of those in it whose names are wanted, in the order of their
    /// names.
    static func files(
        below folder: String, _ isWanted: (String) -> Bool
    ) throws(CommandFailure) -> [String] {
        var result: [String] = []
        try collect(folder, 0, isWanted, &result)
        return result
    }

    private static func collect(
        _ folder: String, _ depth: Int, _ isWanted: (String) -> Bool, _ result: inout [String]
    ) throws(CommandFailure) {
        guard depth <= depthMax else {
            throw CommandFailure("\(folder): folders are nested deeper than \(depthMax)")
        }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw CommandFailure("\(folder) cannot be read: \(error.systemReason)")
        }
        for name in names.sorted() where name != ".git" {
            let path = folder + "/" + name
            var isFolder = false
            _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            if isFolder {
                try collect(path, depth + 1, isWanted, &result)
            } else if isWanted(name) {
                result.append(path)
            }
            guard result.count <= filesMax else {
                throw CommandFailure("\(folder) holds more than \(filesMax) files")
            }
        }
    }

    /// The text of a file. Files that are too large or hold something else than UTF-8 are refused.
    static func text(of path: String) throws(CommandFailure) -> String {
        var bytes: [UInt8] = []
        do {
            let file =
                path == "-"
                ? FileDescriptor.standardInput
                : try FileDescriptor.open(FilePath(path), .readOnly)
            // Nothing was written to it, so closing it can lose nothing.
            defer { if path != "-" { try? file.close() } }
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            while bytes.count <= bytesMax {
                let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
                if count == 0 { break }
                bytes += chunk[..<count]
            }
        } catch {
            throw CommandFailure("\(path) cannot be read: \(error)")
        }
        guard bytes.count <= bytesMax else {
            throw CommandFailure("\(path) has more than \(bytesMax) bytes")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure("\(path) is no UTF-8 at byte \(placeOfFault(in: bytes))")
        }
        return text
    }

    /// Where bytes stop being UTF-8.
    private static func placeOfFault(in bytes: [UInt8]) -> Int {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var place = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            place += UTF8.width(scalar)
        }
        return place
    }

    /// The time at which files are judged.
    static var now: Timestamp {
        Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1_000_000) &* 1_000)
    }
}
