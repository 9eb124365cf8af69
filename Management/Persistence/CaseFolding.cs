using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;

namespace PciBus.Management.Persistence;

/// <summary>
/// Texts without the case of their letters, to compare and to search them: in a query the engine does it, with the same outcome on
/// each of them.
/// </summary>
internal static class CaseFolding
{
    /// <summary>
    /// The collation under which PostgreSQL knows the case of every letter, whatever the locale of the database is. Under the collation of
    /// the columns, "C", it knows the case of ASCII letters alone. Every package of PostgreSQL has this collation.
    /// </summary>
    private const string EveryLetter = "und-x-icu";

    /// <summary>The text with all letters small. The small sigma at the end of a word counts as the sigma within it.</summary>
    public static string Folded(this string text) => text.ToLowerInvariant().Replace('ς', 'σ');

    /// <summary>Teaches a model's engine <see cref="Folded"/>.</summary>
    public static void Map(ModelBuilder model, DatabaseProvider provider) => model
        .HasDbFunction(typeof(CaseFolding).GetMethod(nameof(Folded))!)
        .HasTranslation(arguments => provider switch
        {
            // SQLite's own lower() knows ASCII alone. SqliteFunctions gives each connection a function that knows more.
            DatabaseProvider.Sqlite => Call(SqliteFunctions.Folded, arguments[0]),
            DatabaseProvider.PostgreSql => WithOneSigma(Call("lower", new CollateExpression(arguments[0], EveryLetter))),
            DatabaseProvider.SqlServer => WithOneSigma(Call("LOWER", arguments[0])),
        });

    private static SqlFunctionExpression WithOneSigma(SqlExpression text) => Call(
        "replace", text, new SqlConstantExpression("ς", text.TypeMapping), new SqlConstantExpression("σ", text.TypeMapping));

    private static SqlFunctionExpression Call(string function, params SqlExpression[] arguments) => new(
        function, arguments, nullable: true, argumentsPropagateNullability: arguments.Select(_ => true), typeof(string), arguments[0]
            .TypeMapping);
}
