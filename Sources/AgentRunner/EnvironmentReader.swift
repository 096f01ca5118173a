import KubernetesCore

/// Reads the variables that configure a runner; one that is empty counts as not set.
struct EnvironmentReader {
    private typealias Failure = RunnerConfiguration.ConfigurationError

    private let variables: [String: String]

    init(_ variables: [String: String]) { self.variables = variables }

    /// A text; nil where it is not set.
    func text(_ name: String) -> String? {
        variables[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A text that has to be set.
    func required(
        _ name: String
    ) throws(RunnerConfiguration.ConfigurationError) -> String {
        guard let text = text(name) else {
            throw Failure(
                description: "the environment variable \(name) is not set: "
                    + "swiftlet-agent runs in the agent pods of a BackgroundAgentPool")
        }
        return text
    }

    /// A number in `range`; `standard` where it is not set.
    func number(
        _ name: String, _ standard: Int, in range: ClosedRange<Int>
    ) throws(RunnerConfiguration.ConfigurationError) -> Int {
        guard let text = text(name) else { return standard }
        guard let number = Int(text), range.contains(number) else {
            throw Failure(
                description: "\(name) is \"\(text)\": it must be a number between "
                    + "\(range.lowerBound) and \(range.upperBound)")
        }
        return number
    }

    /// A quantity of bytes; nil where it is not set, or 0.
    func bytes(_ name: String) throws(RunnerConfiguration.ConfigurationError) -> Int? {
        guard let text = text(name) else { return nil }
        do throws(QuantityError) {
            let bytes = Int(try Quantity(text).value)
            return bytes > 0 ? bytes : nil
        } catch {
            throw Failure(
                description: "\(name) is \"\(text)\": it must be a quantity such as 512Mi")
        }
    }
}
