using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;

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

    /// <summary>References, as <see cref="InstalledSchema.ForeignKeys"/>, and whether rows go with the row that they refer to.</summary>
    public static IReadOnlyList<(string Reference, bool Cascades)> References(DbContext database) =>
        [.. database.GetService<IDesignTimeModel>().Model.GetRelationalModel().Tables.SelectMany(table => table.ForeignKeyConstraints)
            .Select(one => (
                $"{one.Table.Name}.{one.Columns.Single().Name} -> {one.PrincipalTable.Name}.{one.PrincipalColumns.Single().Name}",
                one.OnDeleteAction == ReferentialAction.Cascade))];

    public static string Describe(string name, string type, bool nullable, bool computed, string? collation, bool identity) =>
        $"{name} {type} {(nullable ? "NULL" : "NOT NULL")}{(computed ? " COMPUTED" : "")}"
        + $"{(identity ? " IDENTITY" : "")}{(collation is null ? "" : $" COLLATE {collation}")}";

    private static string Describe(IColumn column) => Describe(
        column.Name, column.StoreType, column.IsNullable, column.ComputedColumnSql is not null, column.Collation, column["SqlServer:Identity"] is not null);

    private static string Describe(ITableIndex index) => InstalledSchema.Describe(
        index.IsUnique,
        index.Columns.Select(column => column.Name),
        index.Filter?.Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal));
}
