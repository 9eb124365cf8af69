using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace PciBus.Management.Persistence;

/// <summary>Maps columns of text on SQL Server, which must be told more about them than the other engines.</summary>
internal static class SqlServerText
{
    /// <summary>Text compares and sorts by its bytes, as it does on the other engines.</summary>
    public const string Collation = "Latin1_General_100_BIN2";

    /// <summary>
    /// Longer than any name of an enum; with a column of 450 characters it fits the key of an index, which is 1700 bytes.
    /// </summary>
    private const int NameOfAnEnum = 64;

    public static void Map(IMutableProperty property)
    {
        var type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
        if (type != typeof(string) && !type.IsEnum) return;
        property.SetCollation(Collation);
        if (type.IsEnum) property.SetMaxLength(NameOfAnEnum);
    }
}
