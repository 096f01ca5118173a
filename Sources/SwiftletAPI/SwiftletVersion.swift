/// Which Swiftlet this is.
public enum SwiftletVersion {
    /// The version, as in `0.1.0`: of the programs, the chart and the image.
    public static let current = "0.1.0"
}
