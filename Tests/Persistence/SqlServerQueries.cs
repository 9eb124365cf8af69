using PciBus.Management.Persistence;
using PciBus.Tests.Support;

namespace PciBus.Tests.Persistence;

/// <summary>What SQL Server would not take of a command's text.</summary>
internal static class SqlServerQueries
{
    private static readonly ScriptedSchema Schema = new(SchemaInstaller.Scripts(DatabaseProvider.SqlServer));

    /// <summary>Where it is not Transact-SQL, and what it names that the scripts do not make; each followed by the text.</summary>
    public static IReadOnlyList<string> Problems(string text)
    {
        try
        {
            return [.. TransactSql.Parse(text)
                .SelectMany(statement => TransactSqlNames.Unknown(statement, Schema)).Select(problem => $"{problem}:\n{text}")];
        }
        catch (FormatException exception)
        {
            return [$"{exception.Message}:\n{text}"];
        }
    }
}
