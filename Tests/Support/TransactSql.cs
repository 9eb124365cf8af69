using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace PciBus.Tests.Support;

/// <summary>SQL Server's language, as its own parser reads it (that of SQL Server 2022).</summary>
internal static class TransactSql
{
    /// <exception cref="FormatException">It is not Transact-SQL; the message names the first place.</exception>
    public static IReadOnlyList<TSqlStatement> Parse(string text)
    {
        using var reader = new StringReader(text);
        var script = new TSql160Parser(initialQuotedIdentifiers: true).Parse(reader, out var errors);
        return errors.Count == 0
            ? [.. ((TSqlScript)script).Batches.SelectMany(batch => batch.Statements)]
            : throw new FormatException($"line {errors[0].Line}, column {errors[0].Column}: {errors[0].Message}");
    }

    /// <summary>A part of a statement in one line, without brackets around names.</summary>
    public static string TextOf(TSqlFragment fragment) => string.Concat(
        fragment.ScriptTokenStream.Skip(fragment.FirstTokenIndex).Take(fragment.LastTokenIndex - fragment.FirstTokenIndex + 1)
            .Select(token => token.TokenType == TSqlTokenType.WhiteSpace ? " " : token.Text.Trim('[', ']')));
}
