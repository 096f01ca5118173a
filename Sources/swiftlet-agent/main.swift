import AgentRunner
import Glibc

/// This process's environment.
func environment() -> [String: String] {
    var result: [String: String] = [:]
    var next = environ
    while let text = next.pointee {
        let entry = String(cString: text)
        if let equals = entry.firstIndex(of: "=") {
            result[String(entry[..<equals])] = String(entry[entry.index(after: equals)...])
        }
        next += 1
    }
    return result
}

AgentCommand.main(arguments: CommandLine.arguments, environment: environment())
