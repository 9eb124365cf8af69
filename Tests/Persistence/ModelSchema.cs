using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;

namespace PciBus.Tests.Persistence;

/// <summary>The tables as EF Core believes them to be.</summary>
internal static class ModelSchema
{
    public static IReadOnlyList<TableShape> Tables(DbContext database) =>
        [.. database.GetService<IDesignTimeModel>().Model.GetRelationalModel().Tables
            .OrderBy(table => table.Name, StringComparer.Ordinal)
            .Select(table => new TableShape(
                table.Name,
                [.. table.Columns.OrderBy(column => column.Name, StringComparer.Ordinal).Select(Describe)],
                string.Join(", ", table.PrimaryKey!.Columns.Select(column => column.Name)),
                [.. table.Indexes.Select(Describe).Order(StringComparer.Ordinal)]))];

    private static string Describe(IColumn column) =>
        $"{column.Name} {column.StoreType} {(column.IsNullable ? "NULL" : "NOT NULL")}{(column.ComputedColumnSql is null ? "" : " COMPUTED")}";

    private static string Describe(ITableIndex index) =>
        InstalledSchema.Describe(index.IsUnique, index.Columns.Select(column => column.Name), index.Filter);
}
