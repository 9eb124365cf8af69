using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;

namespace PciBus.Management.Api;

/// <summary>A command that lists: what all of them share is the search word and the paging, which the database does.</summary>
internal abstract class ApiListCommand : ApiCommand
{
    /// <summary>CloudStack's <c>default.page.size</c>: the most rows of a page, and of an answer nobody paged.</summary>
    public const int MaxPageSize = 500;

    /// <summary>As a page size: everything at once.</summary>
    private const int Unlimited = -1;

    [ApiParameter("keyword", "lists what has this text in its name; case does not matter")]
    public string? Keyword { get; set; }

    [ApiParameter("page", "number of the page, from 1; needs pagesize")]
    public int? Page { get; set; }

    [ApiParameter("pagesize", "rows of a page, 500 at most; needs page; -1 alone lists everything")]
    public int? PageSize { get; set; }

    /// <summary>The search word; null for none.</summary>
    protected string? Word => string.IsNullOrEmpty(Keyword) ? null : Keyword;

    /// <summary>
    /// The rows of a name. Rows with exactly this name are meant; without any, those with the name in any case, as in CloudStack.
    /// </summary>
    protected static async Task<IQueryable<TRow>> NamedAsync<TRow>(
        IQueryable<TRow> rows, string? name, CancellationToken cancellationToken) where TRow : class
    {
        if (name is null) return rows;
        var exactly = rows.Where(row => EF.Property<string>(row, "Name") == name);
        var isThere = await exactly.Select(row => (long?)EF.Property<long>(row, "Id")).FirstOrDefaultAsync(cancellationToken) is not null;
        return isThere ? exactly : rows.Where(row => EF.Property<string>(row, "Name").Folded() == name.Folded());
    }

    /// <summary>Counts what matches and describes the page that was asked for.</summary>
    /// <param name="matching">Everything that matches, in order.</param>
    /// <param name="describe">Reads the rows of a page as responses, in the same order.</param>
    protected async Task<ApiAnswer> ListAsync<TRow, TResponse>(
        IQueryable<TRow> matching,
        Func<IQueryable<TRow>, Task<List<TResponse>>> describe,
        CancellationToken cancellationToken)
    {
        var (skip, take) = Window();
        var rows = take == int.MaxValue ? matching : matching.Skip(skip).Take(take);
        var page = await describe(rows);
        var isAll = skip == 0 && page.Count < take;
        return ApiAnswer.List(isAll ? page.Count : await matching.CountAsync(cancellationToken), page);
    }

    /// <inheritdoc cref="ListAsync{TRow,TResponse}(IQueryable{TRow},Func{IQueryable{TRow},Task{List{TResponse}}},CancellationToken)"/>
    /// <param name="describe">Turns the rows of a page into responses, in the same order.</param>
    protected Task<ApiAnswer> ListAsync<TRow, TResponse>(
        IQueryable<TRow> matching, Func<IQueryable<TRow>, IQueryable<TResponse>> describe, CancellationToken cancellationToken) =>
        ListAsync(matching, page => describe(page).ToListAsync(cancellationToken), cancellationToken);

    /// <summary>Counts what matches in memory, and answers with the page that was asked for.</summary>
    protected ApiAnswer List<TResponse>(IReadOnlyList<TResponse> matching)
    {
        var (skip, take) = Window();
        return ApiAnswer.List(matching.Count, [.. matching.Skip(skip).Take(take)]);
    }

    private (int Skip, int Take) Window() => (Page, PageSize) switch
    {
        (null, null) => (0, MaxPageSize),
        (null, Unlimited) => (0, int.MaxValue),
        (_, Unlimited) => throw ApiException.InvalidParameter("pagesize=-1 lists everything: it goes without page"),
        (null, _) or (_, null) => throw ApiException.InvalidParameter("page and pagesize go together: both, or neither"),
        (_, < 1) => throw ApiException.InvalidParameter("pagesize must be 1 or more, or -1 for everything"),
        (_, > MaxPageSize) => throw ApiException.InvalidParameter($"Page size can not exceed max allowed page size value: {MaxPageSize}"),
        // A page far beyond the end is past the largest number of rows there can be.
        var (page, size) => ((int)Math.Min((Math.Max(page.Value, 1) - 1L) * size.Value, int.MaxValue - MaxPageSize), size.Value),
    };
}
