/// All functions by name.
enum FunctionTable {
    private static let standard = table(
        NumberFunctions.all + TextFunctions.all + CollectionFunctions.all
            + ExpressionFunctions.all)

    private static let kyverno = standard.merging(
        table(
            KyvernoTextFunctions.all + KyvernoPatternFunctions.all
                + KyvernoArithmeticFunctions.all + KyvernoTimeFunctions.all
                + KyvernoCollectionFunctions.all + KyvernoReferenceFunctions.all),
        uniquingKeysWith: { $1 })

    private static func table(_ functions: [Function]) -> [String: Function] {
        Dictionary(functions.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }

    /// The function called `name`.
    static func function(_ name: String, _ dialect: JMESPathDialect) -> Function? {
        dialect == .standard ? standard[name] : kyverno[name]
    }
}
