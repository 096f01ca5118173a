import Reconcilers
import YAMLReading

/// How YAML that others have written is read, and how much of it.
enum OperatorText {
    /// For policies, which administrators write.
    static let policies = reader(valuesMax: 500_000)

    /// For persona files, which anybody writes who may write ConfigMaps: one that is honest has a
    /// few hundred values.
    static let personas = reader(valuesMax: 10_000, depthMax: 32)

    private static func reader(valuesMax: Int, depthMax: Int? = nil) -> PolicyText {
        var limits = YAMLText.Limits()
        limits.valuesMax = valuesMax
        if let depthMax { limits.depthMax = depthMax }
        return PolicyText { [limits] text throws(PolicyText.Fault) in
            do throws(YAMLError) {
                return try YAMLText.read(text, limits: limits, rules: .kubernetes)
            } catch {
                throw PolicyText.Fault("\(error)")
            }
        }
    }
}
