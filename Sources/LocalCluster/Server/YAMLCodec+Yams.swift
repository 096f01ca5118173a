import APIServerModel
import KubernetesCore
import YAMLReading

extension YAMLCodec {
    /// YAML as the project's reader and writer have it.
    static let yams = YAMLCodec(
        read: { bytes in
            guard let documents = try? YAMLText.read(String(decoding: bytes, as: UTF8.self)),
                documents.count == 1
            else { return nil }
            return documents.first
        },
        fault: { bytes in
            do throws(YAMLError) {
                let count = try YAMLText.read(String(decoding: bytes, as: UTF8.self)).count
                return "yaml: \(count) documents where one is expected"
            } catch {
                return "yaml: line \(error.line): \(error.message)"
            }
        }, write: { YAMLText.write([$0]) })
}
