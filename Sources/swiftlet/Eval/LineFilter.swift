import KubernetesCore
import SystemPackage

/// Answers each line of standard input with a line of JSON on standard output.
///
/// Answers are written as soon as no whole line is left to answer, so that another program can ask
/// and wait for each. Memory is bounded by the longest line allowed.
struct LineFilter {
    /// How much a line may ask of us.
    static let limits: JSONDocument.Limits = {
        var limits = JSONDocument.Limits()
        limits.bytesMax = 16 << 20
        return limits
    }()

    /// The answer to one line.
    let answer: (_ line: [UInt8]) -> JSONValue

    /// Runs to the end of the input. Output that nobody reads any more ends it early.
    func run() throws {
        var line: [UInt8] = []
        var isTooLong = false
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try chunk.withUnsafeMutableBytes { buffer in
                try FileDescriptor.standardInput.read(into: buffer)
            }
            if count == 0 { break }
            var output: [UInt8] = []
            var rest = chunk[..<count]
            while let end = rest.firstIndex(of: 0x0A) {
                append(rest[..<end], to: &line, &isTooLong)
                write(line, isTooLong, into: &output)
                line.removeAll(keepingCapacity: true)
                isTooLong = false
                rest = rest[(end + 1)...]
            }
            append(rest, to: &line, &isTooLong)
            try FileDescriptor.standardOutput.writeAll(output)
        }
        // What stands behind the last line break is a line, too.
        guard !line.isEmpty || isTooLong else { return }
        var output: [UInt8] = []
        write(line, isTooLong, into: &output)
        try FileDescriptor.standardOutput.writeAll(output)
    }

    private func append(_ part: ArraySlice<UInt8>, to line: inout [UInt8], _ isTooLong: inout Bool)
    {
        guard !isTooLong, line.count + part.count <= Self.limits.bytesMax else {
            isTooLong = true
            line.removeAll()
            return
        }
        line += part
    }

    private func write(_ line: [UInt8], _ isTooLong: Bool, into output: inout [UInt8]) {
        let answer: JSONValue =
            isTooLong
            ? ["error": .string("the line has more than \(Self.limits.bytesMax) bytes")]
            : answer(line)
        answer.write(into: &output)
        output.append(0x0A)
    }
}
