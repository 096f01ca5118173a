import FoundationEssentials
import Glibc
import KubernetesCore

/// The files of one pod: a folder for each container, and its volumes made from what the API holds.
struct PodFiles: Sendable {
    let pod: LocalPod
    let folder: String
    /// Where the folders of claims are.
    let claims: String
    let api: InProcessAPI

    /// The folder of a container, in which its process starts.
    func containerFolder(_ name: String) -> String { folder + "/containers/" + name }

    /// Makes every folder and volume anew; throws with a sentence that the pod's status can show.
    /// Returns when the first projected token has to be made again; nil where there is none.
    func prepare(at now: Timestamp) async throws -> Timestamp? {
        for container in pod.initContainers + pod.containers {
            try PodFiles.makeFolder(containerFolder(container.name))
        }
        var renewal: Timestamp?
        for volume in pod.volumes {
            guard let name = volume["name"]?.string else { continue }
            let path = folder + "/volumes/" + name
            if let claim = volume["persistentVolumeClaim"]?["claimName"]?.string {
                try await link(path, toClaim: claim)
                continue
            }
            try PodFiles.makeFolder(path)
            if let due = try await fill(path, from: volume, at: now) {
                renewal = renewal.map { min($0, due) } ?? due
            }
        }
        return renewal
    }

    /// Where a container's mount paths are.
    func paths(of container: LocalContainer) -> PathMap {
        var mounts: [(path: String, folder: String)] = []
        for mount in container.spec["volumeMounts"]?.array ?? [] {
            guard let path = mount["mountPath"]?.string, let name = mount["name"]?.string else {
                continue
            }
            var target = folder + "/volumes/" + name
            if let part = mount["subPath"]?.string, PodFiles.isSafe(part) { target += "/" + part }
            mounts.append((path, target))
        }
        return PathMap(mounts)
    }

    /// Removes everything of the pod.
    func remove() throws {
        guard FileManager.default.fileExists(atPath: folder) else { return }
        try FileManager.default.removeItem(atPath: folder)
    }

    // MARK: - Volumes

    private func fill(
        _ path: String, from volume: JSONValue, at now: Timestamp
    ) async throws -> Timestamp? {
        if volume["emptyDir"] != nil { return nil }
        if let source = volume["configMap"] {
            try await write(configMap: source, named: source["name"]?.string, to: path)
            return nil
        }
        if let source = volume["secret"] {
            try await write(secret: source, named: source["secretName"]?.string, to: path)
            return nil
        }
        if let source = volume["downwardAPI"] {
            try write(downward: source, to: path)
            return nil
        }
        if let source = volume["projected"] {
            return try await write(projected: source, to: path, at: now)
        }
        throw LocalClusterError.volume(
            "volume \"\(volume["name"]?.string ?? "")\" is of a kind that the local node does not "
                + "have; it has emptyDir, configMap, secret, downwardAPI, projected and "
                + "persistentVolumeClaim")
    }

    /// Puts the folder of a claim, which all pods that name it share, where the pod looks for it.
    /// The folder is the claim's, not its name's: a new claim of the same name begins empty.
    private func link(_ path: String, toClaim name: String) async throws {
        let claim: JSONValue
        do {
            claim = try await api.send(
                "GET", "/api/v1/namespaces/\(pod.namespace)/persistentvolumeclaims/\(name)")
        } catch LocalClusterError.refused(_, status: 404, let message) {
            throw LocalClusterError.volume(message)
        }
        guard let uid = claim[path: ["metadata", "uid"]]?.string, PodFiles.isSafe(uid) else {
            throw LocalClusterError.volume("the claim \(pod.namespace)/\(name) has no UID")
        }
        let target = claims + "/" + uid
        try PodFiles.makeFolder(target)
        try PodFiles.makeFolder(folder + "/volumes")
        guard symlink(target, path) == 0 || errno == EEXIST else {
            throw LocalClusterError.volume("the claim \(pod.namespace)/\(name) cannot be mounted")
        }
    }

    private func write(
        projected: JSONValue, to path: String, at now: Timestamp
    ) async throws -> Timestamp? {
        var renewal: Timestamp?
        for source in projected["sources"]?.array ?? [] {
            if let token = source["serviceAccountToken"] {
                let due = try await write(token: token, to: path, at: now)
                renewal = renewal.map { min($0, due) } ?? due
            } else if let map = source["configMap"] {
                try await write(configMap: map, named: map["name"]?.string, to: path)
            } else if let secret = source["secret"] {
                try await write(secret: secret, named: secret["name"]?.string, to: path)
            } else if let downward = source["downwardAPI"] {
                try write(downward: downward, to: path)
            }
        }
        return renewal
    }

    private func write(token source: JSONValue, to path: String, at now: Timestamp) async throws
        -> Timestamp
    {
        let seconds = min(max(source["expirationSeconds"]?.integer ?? 3_600, 600), 86_400)
        var spec: JSONValue = [
            "expirationSeconds": .integer(seconds),
            "boundObjectRef": [
                "apiVersion": "v1", "kind": "Pod", "name": .string(pod.name),
                "uid": .string(pod.uid.text),
            ],
        ]
        if let audience = source["audience"]?.string {
            spec["audiences"] = .array([.string(audience)])
        }
        let answer = try await api.send(
            "POST",
            "/api/v1/namespaces/\(pod.namespace)/serviceaccounts/\(pod.serviceAccount)/token",
            body: [
                "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec,
            ])
        guard let token = answer["status"]?["token"]?.string else {
            throw LocalClusterError.volume("the API server gave no token")
        }
        try PodFiles.write(
            Array(token.utf8), to: path, name: source["path"]?.string ?? "token", mode: 0o600)
        return now + .seconds(seconds * 8 / 10)
    }

    private func write(
        configMap source: JSONValue, named name: String?, to path: String
    ) async throws {
        guard let map = try await read("configmaps", name, source) else { return }
        var files: [(String, [UInt8])] = []
        for (key, value) in map["data"]?.object ?? JSONObject() {
            files.append((key, Array((value.string ?? "").utf8)))
        }
        for (key, value) in map["binaryData"]?.object ?? JSONObject() {
            files.append((key, PodFiles.base64(value.string)))
        }
        try write(files, selectedBy: source, to: path, mode: 0o644)
    }

    private func write(
        secret source: JSONValue, named name: String?, to path: String
    ) async throws {
        guard let secret = try await read("secrets", name, source) else { return }
        let files = (secret["data"]?.object ?? JSONObject()).map {
            ($0.0, PodFiles.base64($0.1.string))
        }
        try write(files, selectedBy: source, to: path, mode: 0o600)
    }

    private func write(downward source: JSONValue, to path: String) throws {
        for item in source["items"]?.array ?? [] {
            guard let name = item["path"]?.string else { continue }
            let field = item["fieldRef"]?["fieldPath"]?.string ?? ""
            let text = PodFields.value(field, of: pod) ?? ""
            try PodFiles.write(Array(text.utf8), to: path, name: name, mode: 0o644)
        }
    }

    /// Reads a ConfigMap or Secret; nil where it is missing and may be.
    private func read(_ plural: String, _ name: String?, _ source: JSONValue) async throws
        -> JSONValue?
    {
        guard let name else { throw LocalClusterError.volume("a volume names no object") }
        do {
            return try await api.send(
                "GET", "/api/v1/namespaces/\(pod.namespace)/\(plural)/\(name)")
        } catch LocalClusterError.refused(_, status: 404, let message) {
            if source["optional"]?.bool == true { return nil }
            throw LocalClusterError.volume("MountVolume.SetUp failed: \(message)")
        }
    }

    private func write(
        _ files: [(String, [UInt8])], selectedBy source: JSONValue, to path: String, mode: mode_t
    ) throws {
        guard let items = source["items"]?.array else {
            for (name, bytes) in files {
                try PodFiles.write(bytes, to: path, name: name, mode: mode)
            }
            return
        }
        for item in items {
            guard let key = item["key"]?.string, let name = item["path"]?.string,
                let file = files.first(where: { $0.0 == key })
            else { continue }
            try PodFiles.write(file.1, to: path, name: name, mode: mode)
        }
    }

    // MARK: - Files

    private static func base64(_ text: String?) -> [UInt8] {
        text.flatMap { Data(base64Encoded: $0) }.map(Array.init) ?? []
    }

    /// Whether a relative path stays below its folder.
    static func isSafe(_ path: String) -> Bool {
        !path.isEmpty && !path.hasPrefix("/")
            && !path.split(separator: "/").contains { $0 == ".." }
    }

    static func makeFolder(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// Writes a file below `folder` so that a reader sees the old or the new one, never a part.
    private static func write(
        _ bytes: [UInt8], to folder: String, name: String, mode: mode_t
    ) throws {
        guard isSafe(name) else {
            throw LocalClusterError.volume("\"\(name)\" leaves the volume's folder")
        }
        let path = folder + "/" + name
        if let slash = path.lastIndex(of: "/") { try makeFolder(String(path[..<slash])) }
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw LocalClusterError.file(temporary, errno) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            guard written > 0 else { throw LocalClusterError.file(temporary, errno) }
            rest = rest.dropFirst(written)
        }
        guard rename(temporary, path) == 0 else { throw LocalClusterError.file(path, errno) }
    }
}
