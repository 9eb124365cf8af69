using PciBus.Management.Accounts;
using PciBus.Management.Persistence;

namespace PciBus.Management.Api.Signing;

/// <summary>Carries out signed requests in the name of the user who signed them.</summary>
internal sealed partial class SignedDispatcher(
    ApiDispatcher dispatcher, ApiCatalog catalog, IServiceScopeFactory scopes, ILogger<SignedDispatcher> logger)
{
    /// <summary>The text is the same for every reason, so that an answer does not tell which keys there are.</summary>
    private const string NotVerified = "unable to verify user credentials and/or request signature";

    public async Task<ApiResult> DispatchAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        try
        {
            if (await FindCallerAsync(request, cancellationToken) is { } caller)
            {
                return await dispatcher.DispatchAsync(request, caller, cancellationToken);
            }

            return Refused(request, new ApiException(ApiErrors.Unauthorized, 4290, NotVerified));
        }
        catch (Exception exception) when (DatabaseTrouble.Of(exception) is not null && !cancellationToken.IsCancellationRequested)
        {
            var trouble = DatabaseTrouble.Of(exception)!;
            LogNotLookedUp(trouble);
            return Refused(request, ApiErrors.Unavailable($"The database cannot be used now: {trouble}. Nothing was done; try again"));
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception);
            return Refused(request, new ApiException(ApiErrors.InternalError, 4250, "Internal error: the caller could not be looked up"));
        }
    }

    private async Task<Caller?> FindCallerAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<SignatureCheck>().FindCallerAsync(request, cancellationToken);
    }

    private ApiResult Refused(ApiRequest request, ApiException error) => new(
        error.Code,
        request.Command is { } name && catalog.Find(name) is { } command ? command.Wrapper : ApiDispatcher.UnknownCommandWrapper,
        new ApiErrorResponse(error));

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "The caller of a signed request was not looked up: the database cannot be used now, {Trouble}")]
    private partial void LogNotLookedUp(string trouble);

    [LoggerMessage(Level = LogLevel.Error, Message = "The caller of a signed request could not be looked up")]
    private partial void LogFailed(Exception exception);
}
